package vmhi.core.spec;

import java.util.Collection;
import java.util.Locale;

/** Finds what somebody may have meant. */
final class Hint {
	private static final int LONGEST = 64;

	private Hint() {}

	/** {@code "; did you mean format?"} for {@code fromat}, or {@code ""} if nothing known is like it. */
	static String nearest(String wrong, Collection<String> known) {
		String nearest = null;
		int least = Integer.MAX_VALUE;
		for (String word : known) {
			int distance = distance(wrong, word);
			if (distance < least && distance <= Math.max(1, Math.min(wrong.length(), word.length()) / 3)) {
				least = distance;
				nearest = word;
			}
		}
		return nearest == null ? "" : "; did you mean " + nearest + "?";
	}

	/**
	 * How many letters have to be added, left out, exchanged for another or with their neighbour to get from one word
	 * to the other ("optimal string alignment"), big and small ones being the same.
	 */
	static int distance(String one, String other) {
		if (Math.max(one.length(), other.length()) > LONGEST)
			return Integer.MAX_VALUE;
		String a = one.toLowerCase(Locale.ROOT);
		String b = other.toLowerCase(Locale.ROOT);
		int[][] d = new int[a.length() + 1][b.length() + 1];
		for (int i = 0; i <= a.length(); i++)
			for (int j = 0; j <= b.length(); j++)
				if (i == 0 || j == 0) {
					d[i][j] = i + j;
				} else {
					int exchange = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
					d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + exchange);
					if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1))
						d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
				}
		return d[a.length()][b.length()];
	}
}
