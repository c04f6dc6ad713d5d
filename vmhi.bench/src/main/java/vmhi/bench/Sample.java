package vmhi.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Numbers that were measured one after the other. */
final class Sample {
	private final List<Double> values = new ArrayList<>();

	void add(double value) {
		values.add(value);
	}

	boolean isEmpty() {
		return values.isEmpty();
	}

	double median() {
		List<Double> sorted = sorted();
		int middle = sorted.size() / 2;
		return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
	}

	double least() {
		return Collections.min(values);
	}

	double most() {
		return Collections.max(values);
	}

	private List<Double> sorted() {
		List<Double> sorted = new ArrayList<>(values);
		Collections.sort(sorted);
		return sorted;
	}
}
