package vmhi.device.rtc;

/**
 * Time of day and date as they stand in registers 0 to 9 and in the century byte, in the form that register B asks for
 * (MC146818 data sheet, "Time, calendar, and alarm locations"). Times are seconds since 1970. Allocates nothing: it is
 * used on each access.
 */
final class TimeRegisters {
	static final int SECONDS = 0, SECONDS_ALARM = 1, MINUTES = 2, MINUTES_ALARM = 3, HOURS = 4, HOURS_ALARM = 5;
	private static final int WEEKDAY = 6, DAY = 7, MONTH = 8, YEAR = 9;
	static final int DAY_SECONDS = 86_400;

	/** In register B. */
	static final int BINARY = 4, HOURS_24 = 2;

	private static final int PM = 0x80;
	private static final int EPOCH_WEEKDAY = 4; // 1970 began on a Thursday, and Sunday is 0 here
	private static final int DAYS_400_YEARS = 146_097;
	/** From 1 March of year 0 to 1970: counted from March on, the day that leap years add is a year's last. */
	private static final int MARCH_0_TO_1970 = 719_468;

	private TimeRegisters() {}

	/** Tells the registers that hold the time, and not an alarm or something else. */
	static boolean isTime(int register) {
		return register == SECONDS || register == MINUTES || register == HOURS
				|| register >= WEEKDAY && register <= YEAR || register == CmosMemory.CENTURY;
	}

	/** Writes a time into the registers. */
	static void put(byte[] registers, long time, int form) {
		long days = Math.floorDiv(time, DAY_SECONDS);
		int second = Math.floorMod(time, DAY_SECONDS);
		registers[SECONDS] = number(second % 60, form);
		registers[MINUTES] = number(second / 60 % 60, form);
		registers[HOURS] = hour(second / 3600, form);
		registers[WEEKDAY] = number(Math.floorMod(days + EPOCH_WEEKDAY, 7) + 1, form);

		long shifted = days + MARCH_0_TO_1970;
		long era = Math.floorDiv(shifted, DAYS_400_YEARS);
		int dayOfEra = Math.floorMod(shifted, DAYS_400_YEARS);
		int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
		int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
		int fromMarch = (5 * dayOfYear + 2) / 153; // months have 30.6 days, each five of them from March on 153
		int month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
		int year = Math.floorMod(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 10_000);
		registers[DAY] = number(dayOfYear - (153 * fromMarch + 2) / 5 + 1, form);
		registers[MONTH] = number(month, form);
		registers[YEAR] = number(year % 100, form);
		registers[CmosMemory.CENTURY] = number(year / 100, form);
	}

	/** Reads the time that the registers hold; nonsense gives some time. */
	static long get(byte[] registers, int form) {
		int year = value(registers[CmosMemory.CENTURY], form) * 100 + value(registers[YEAR], form);
		int month = Math.min(12, Math.max(1, value(registers[MONTH], form)));
		int day = Math.min(31, Math.max(1, value(registers[DAY], form)));
		int fromMarch = month > 2 ? month - 3 : month + 9;
		int marchYear = month > 2 ? year : year - 1;
		long era = Math.floorDiv(marchYear, 400);
		int yearOfEra = Math.floorMod(marchYear, 400);
		int dayOfYear = (153 * fromMarch + 2) / 5 + day - 1;
		long days = era * DAYS_400_YEARS + yearOfEra * 365L + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
				- MARCH_0_TO_1970;
		return days * DAY_SECONDS + hour(registers[HOURS], form) * 3600L + value(registers[MINUTES], form) * 60L
				+ value(registers[SECONDS], form);
	}

	/**
	 * The first time after {@code after}, and not after {@code until}, at which the alarm goes off; or {@code missing}. A
	 * register from 0xc0 on stands for any value.
	 */
	static long nextAlarm(byte[] registers, int form, long after, long until, long missing) {
		int second = alarm(registers[SECONDS_ALARM], value(registers[SECONDS_ALARM], form));
		int minute = alarm(registers[MINUTES_ALARM], value(registers[MINUTES_ALARM], form));
		int hour = alarm(registers[HOURS_ALARM], hour(registers[HOURS_ALARM], form));
		if (second >= 60 || minute >= 60 || hour >= 24)
			return missing;
		long time = after + 1;
		while (time <= until) { // at most 24 hours, 60 minutes and 60 seconds are looked at
			int ofDay = Math.floorMod(time, DAY_SECONDS);
			if (hour >= 0 && ofDay / 3600 != hour)
				time += 3600 - ofDay % 3600;
			else if (minute >= 0 && ofDay / 60 % 60 != minute)
				time += 60 - ofDay % 60;
			else if (second >= 0 && ofDay % 60 != second)
				time++;
			else
				return time;
		}
		return missing;
	}

	private static int alarm(byte register, int value) {
		return (register & 0xc0) == 0xc0 ? -1 : value;
	}

	private static byte number(int value, int form) {
		return (byte) ((form & BINARY) != 0 ? value : value / 10 << 4 | value % 10);
	}

	private static int value(byte register, int form) {
		int raw = register & 0xff;
		return (form & BINARY) != 0 ? raw : (raw >> 4) * 10 + (raw & 0xf);
	}

	private static byte hour(int hour, int form) {
		if ((form & HOURS_24) != 0)
			return number(hour, form);
		return (byte) (number(hour % 12 == 0 ? 12 : hour % 12, form) | (hour >= 12 ? PM : 0));
	}

	private static int hour(byte register, int form) {
		if ((form & HOURS_24) != 0)
			return value(register, form);
		return value((byte) (register & ~PM), form) % 12 + ((register & PM) != 0 ? 12 : 0);
	}
}
