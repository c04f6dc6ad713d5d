/* Floating point: how many of 600 x 600 points stay within reach for 150 steps. */
#include <stdio.h>

int main(void)
{
	int inside = 0;

	for (int py = 0; py < 600; py++)
		for (int px = 0; px < 600; px++) {
			double cx = -2.0 + 3.0 * px / 600, cy = -1.5 + 3.0 * py / 600, x = 0, y = 0;
			int n = 0;

			for (; n < 150 && x * x + y * y <= 4; n++) {
				double next = x * x - y * y + cx;

				y = 2 * x * y + cy;
				x = next;
			}
			inside += n == 150;
		}
	printf("%d\n", inside);
	return 0;
}
