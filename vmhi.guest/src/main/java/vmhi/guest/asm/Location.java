package vmhi.guest.asm;

/** A line of a source file. What a macro made lies where the outermost macro was called. */
record Location(String file, int line) {

	AssemblyException error(String format, Object... args) {
		return new AssemblyException(this, args.length == 0 ? format : format.formatted(args));
	}

	@Override
	public String toString() {
		return file + ":" + line;
	}
}
