# Python: calls, attributes, lists, dictionaries, numbers and text, as programs have them. Prints a sum.
class Record:
    def __init__(self, number, text):
        self.number = number
        self.text = text
        self.next = None

    def step(self, other):
        self.number = (self.number * 5 + other.number) % 1000003
        self.next = other
        return self.number & 7


def run(rounds):
    records = [Record(i, "record %d" % i) for i in range(50)]
    counts = {}
    for n in range(rounds):
        one, other = records[n % 50], records[(n * 7 + 3) % 50]
        key = one.step(other)
        counts[key] = counts.get(key, 0) + 1
        if key == 3:
            one.text = other.text[:6] + str(n)
        elif one.text > other.text:
            records[n % 50], records[(n + 1) % 50] = records[(n + 1) % 50], records[n % 50]
    return sum(counts[k] * (k + 1) for k in sorted(counts)) + len("".join(r.text for r in records))


print(run(250000))
