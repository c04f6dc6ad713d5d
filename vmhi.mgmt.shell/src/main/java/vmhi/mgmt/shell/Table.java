package vmhi.mgmt.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lines with their cells below each other, for people to read. */
final class Table {

	private static final String GAP = "  ";

	private final List<String[]> rows = new ArrayList<>();

	/** @param header may be left out */
	Table(Object... header) {
		if (header.length > 0)
			row(header);
	}

	void row(Object... cells) {
		rows.add(Arrays.stream(cells).map(cell -> Terminal.printable(String.valueOf(cell)).replaceAll("\\s+", " "))
				.toArray(String[]::new));
	}

	/** Lines are separated by line feeds, without one at the end: the shell adds it. */
	@Override
	public String toString() {
		int[] widths = new int[rows.stream().mapToInt(row -> row.length).max().orElse(0)];
		for (String[] row : rows)
			for (int i = 0; i < row.length; i++)
				widths[i] = Math.max(widths[i], row[i].length());
		List<String> lines = new ArrayList<>();
		for (String[] row : rows) {
			StringBuilder line = new StringBuilder();
			for (int i = 0; i < row.length; i++)
				line.append(row[i]).append(" ".repeat(widths[i] - row[i].length())).append(GAP);
			lines.add(line.toString().stripTrailing());
		}
		return String.join("\n", lines);
	}
}
