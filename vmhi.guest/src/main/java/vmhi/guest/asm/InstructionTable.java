package vmhi.guest.asm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The instructions, as {@code instructions.txt} lists them. It never changes once it is read. */
final class InstructionTable {

	private static final Set<Integer> ALL_MODES = Set.of(16, 32, 64);

	private final Map<String, List<Form>> forms = new HashMap<>();

	static InstructionTable read() {
		InstructionTable table = new InstructionTable();
		InputStream in = InstructionTable.class.getResourceAsStream("instructions.txt");
		try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
			table.readAll(reader);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
		return table;
	}

	/** The forms of a mnemonic, those first that are preferred; empty if there is no such. */
	List<Form> forms(String mnemonic) {
		return forms.getOrDefault(mnemonic.toLowerCase(Locale.ROOT), List.of());
	}

	boolean knows(String mnemonic) {
		return !forms(mnemonic).isEmpty();
	}

	Set<String> mnemonics() {
		return new TreeSet<>(forms.keySet());
	}

	private void readAll(BufferedReader reader) throws IOException {
		Map<String, Integer> mnemonics = Map.of();
		for (String line = reader.readLine(); line != null; line = reader.readLine()) {
			if (line.isBlank() || line.startsWith("#"))
				continue;
			String rest = line.strip();
			if (!line.startsWith(" ")) {
				int end = rest.contains("}") ? rest.indexOf('}') + 1 : rest.indexOf(' ');
				mnemonics = mnemonics(rest.substring(0, end));
				rest = rest.substring(end).strip();
			}
			if (!rest.isEmpty())
				addForms(mnemonics, rest);
		}
	}

	/** {@code p{a b/c}} is pa with number 0, and pb and pc with number 1. */
	private static Map<String, Integer> mnemonics(String text) {
		if (!text.contains("{"))
			return Map.of(text, 0);
		Map<String, Integer> numbers = new LinkedHashMap<>();
		String start = text.substring(0, text.indexOf('{'));
		String[] ends = text.substring(text.indexOf('{') + 1, text.indexOf('}')).split(" ");
		for (int i = 0; i < ends.length; i++)
			for (String end : ends[i].split("/"))
				if (!end.equals("-"))
					numbers.put(start + end, i);
		return numbers;
	}

	private void addForms(Map<String, Integer> mnemonics, String line) {
		String[] columns = line.split(" +", 2);
		boolean sizes = List.of(columns[1].split(" ")).contains("ov");
		for (String size : sizes ? List.of("16", "32", "64") : List.of(""))
			mnemonics.forEach((mnemonic, number) -> forms.computeIfAbsent(mnemonic, m -> new ArrayList<>())
					.add(form(columns[0], columns[1], size, number)));
	}

	private static Form form(String operands, String encoding, String size, int number) {
		List<OperandType> types = new ArrayList<>();
		if (!operands.equals("-"))
			for (String operand : operands.split(","))
				types.add(OperandType.parse(sized(operand, size)));
		List<Code> codes = new ArrayList<>();
		Set<Integer> modes = new TreeSet<>(ALL_MODES);
		for (String code : encoding.split(" ")) {
			String sized = sizedCode(code, size);
			if (sized.equals("o64"))
				modes.retainAll(Set.of(64));
			if (sized.startsWith("only"))
				modes.retainAll(Set.of(Integer.parseInt(sized.substring("only".length()))));
			else if (sized.startsWith("no"))
				modes.remove(Integer.parseInt(sized.substring("no".length())));
			else
				codes.add(Code.parse(sized, number));
		}
		return new Form(types, codes, modes);
	}

	/** Puts a size in place of v. */
	private static String sized(String operand, String size) {
		if (operand.equals("av"))
			return switch (size) {
				case "16" -> "ax";
				case "32" -> "eax";
				default -> "rax";
			};
		if (operand.equals("immv"))
			return size.equals("64") ? "imm32s" : "imm" + size;
		return operand.replace("v", size);
	}

	private static String sizedCode(String code, String size) {
		return switch (code) {
			case "ov" -> "o" + size;
			case "iv" -> size.equals("16") ? "iw" : "id";
			default -> code;
		};
	}
}
