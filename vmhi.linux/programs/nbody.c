/* Floating point, scalar: five bodies that attract each other, a million steps. Prints the energy in hexadecimal. */
#include <math.h>
#include <stdio.h>

enum { BODIES = 5, STEPS = 1000000 };

struct body {
	double x[3], v[3], mass;
};

static struct body bodies[BODIES] = {
	{ { 0, 0, 0 }, { 0, 0, 0 }, 39.5 },
	{ { 4.84, -1.16, -0.10 }, { 0.61, 2.81, -0.025 }, 0.038 },
	{ { 8.34, 4.12, -0.40 }, { -1.01, 1.82, 0.0084 }, 0.011 },
	{ { 12.9, -15.1, -0.22 }, { 1.08, 0.87, -0.0108 }, 0.0017 },
	{ { 15.4, -25.9, 0.18 }, { 0.98, 0.59, -0.0347 }, 0.0020 },
};

static void step(double dt)
{
	for (int i = 0; i < BODIES; i++)
		for (int j = i + 1; j < BODIES; j++) {
			struct body *a = &bodies[i], *b = &bodies[j];
			double d[3], square = 0;

			for (int k = 0; k < 3; k++) {
				d[k] = a->x[k] - b->x[k];
				square += d[k] * d[k];
			}
			double pull = dt / (square * sqrt(square));

			for (int k = 0; k < 3; k++) {
				a->v[k] -= d[k] * b->mass * pull;
				b->v[k] += d[k] * a->mass * pull;
			}
		}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].x[k] += dt * bodies[i].v[k];
}

int main(void)
{
	double energy = 0;

	for (int n = 0; n < STEPS; n++)
		step(0.001);
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			energy += bodies[i].mass * bodies[i].v[k] * bodies[i].v[k] / 2;
	printf("%a\n", energy);
	return 0;
}
