"""How well clusters fit the truth: pairs, B-cubed, and the largest cluster.

    python evaluate.py /tmp/ja-1 /tmp/ja-1/clusters.csv
"""

import argparse
import collections
import csv
import pathlib


def truth_of(folder):
    with open(folder / "truth.csv") as rows:
        return {row["id"]: row["entity"] for row in csv.DictReader(rows)}


def pairs(count):
    return count * (count - 1) // 2


def overlap(found, truth):
    """How many records each cluster shares with each entity."""
    return collections.Counter((found[it], truth[it]) for it in truth)


def pairwise(found, truth):
    """Precision, recall and F1 of the pairs that are put together."""
    right = sum(map(pairs, overlap(found, truth).values()))
    made = sum(map(pairs, collections.Counter(found[it] for it in truth).values()))
    due = sum(map(pairs, collections.Counter(truth.values()).values()))
    precision, recall = right / max(made, 1), right / max(due, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def b_cubed(found, truth):
    """The same for each record's own cluster, averaged: one giant cluster cannot hide."""
    of_cluster = collections.Counter(found[it] for it in truth)
    of_entity = collections.Counter(truth.values())
    shared = overlap(found, truth)
    precision = sum(n * n / of_cluster[cluster] for (cluster, _), n in shared.items()) / len(truth)
    recall = sum(n * n / of_entity[entity] for (_, entity), n in shared.items()) / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("clusters", type=pathlib.Path)
    given = parser.parse_args()
    truth = truth_of(given.folder)
    with open(given.clusters) as rows:
        found = {row["id"]: row["cluster_id"] for row in csv.DictReader(rows)}
    for name, measure in (("pairs", pairwise), ("B-cubed", b_cubed)):
        precision, recall, f1 = measure(found, truth)
        print(f"{name}: precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}")
    print(f"largest cluster: {max(collections.Counter(found.values()).values())}")


if __name__ == "__main__":
    main()
