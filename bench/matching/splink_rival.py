"""The same leads through Splink on DuckDB, tuned as its documentation advises, in the same form of result.

Term frequencies, comparison levels from its library, u from random pairs, m by EM over two blocks, prior from
deterministic rules; clusters at the probability that serves it best among those given.

    python splink_rival.py /tmp/ja-1 --kind leads
    python splink_rival.py /tmp/febrl-3 --kind addresses
"""

import argparse
import logging
import pathlib
import time

import pandas
import splink.comparison_library as cl
from splink import Linker, SettingsCreator
from splink import blocking_rule_library as rules
from splink.backends.duckdb import DuckDBAPI

from evaluate import pairwise, truth_of

NAMES = [
    cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
    cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
]
ADDRESS = [
    cl.JaroWinklerAtThresholds("street", [0.95, 0.88, 0.75]),
    cl.JaroWinklerAtThresholds("city", [0.92, 0.8]).configure(term_frequency_adjustments=True),
    cl.LevenshteinAtThresholds("postal_code", [1, 2]),
]
CONTACT = [
    cl.EmailComparison("email").configure(term_frequency_adjustments=True),
    cl.LevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
    cl.JaroWinklerAtThresholds("company", [0.92, 0.8]).configure(term_frequency_adjustments=True),
]
KINDS = {
    "addresses": {
        "comparisons": NAMES + ADDRESS + [cl.ExactMatch("region")],
        "blocks": [["first_name", "last_name"], ["last_name", "postal_code"], ["first_name", "postal_code"], ["street"],
                   ["last_name", "city"], ["first_name", "city"], ["first_name", "street_number"],
                   ["last_name", "street_number"]],
        "training": [["first_name", "last_name"], ["street"]],
        "certain": [["first_name", "last_name", "postal_code"], ["first_name", "last_name", "street"],
                    ["last_name", "street", "postal_code"]],
    },
    "leads": {
        "comparisons": NAMES + ADDRESS + CONTACT,
        "blocks": [["email"], ["phone"], ["first_name", "last_name"], ["last_name", "company"], ["first_name", "company"],
                   ["last_name", "website"], ["last_name", "postal_code"], ["first_name", "postal_code"],
                   ["street", "postal_code", "last_name"]],
        "training": [["email"], ["first_name", "last_name"]],
        "certain": [["email", "last_name"], ["first_name", "last_name", "phone"], ["first_name", "last_name", "company"]],
    },
}


def read(folder):
    """What any user would clean first: case, blanks, and digits of telephones."""
    leads = pandas.read_csv(folder / "leads.csv", dtype=str, keep_default_na=False)
    leads = leads.rename(columns={"id": "unique_id"})
    for column in leads.columns.difference(["unique_id"]):
        leads[column] = leads[column].str.normalize("NFKC").str.strip().str.lower()
    if "phone" in leads:
        leads["phone"] = leads["phone"].str.replace(r"\D", "", regex=True)
    leads["street_number"] = leads["street"].str.extract(r"^(\d+)", expand=False)
    return leads.replace("", None)


def clusters(leads, kind, thresholds):
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=kind["comparisons"],
        blocking_rules_to_generate_predictions=[rules.block_on(*it) for it in kind["blocks"]],
    )
    database = DuckDBAPI()
    linker = Linker(database.register(leads), settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match([rules.block_on(*it) for it in kind["certain"]], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for it in kind["training"]:
        training.estimate_parameters_using_expectation_maximisation(rules.block_on(*it))
    predictions = linker.inference.predict(threshold_match_probability=min(thresholds))
    for threshold in thresholds:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predictions, threshold_match_probability=threshold)
        table = found.as_pandas_dataframe()
        yield threshold, dict(zip(table["unique_id"], table["cluster_id"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--threshold", type=float, nargs="+", default=[0.5, 0.8, 0.95, 0.99])
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    started = time.monotonic()
    truth = truth_of(given.folder)
    for threshold, found in clusters(read(given.folder), KINDS[given.kind], given.threshold):
        precision, recall, f1 = pairwise(found, truth)
        seconds = time.monotonic() - started
        print(f"{given.folder.name} at {threshold}: precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f} after {seconds:.1f} s")


if __name__ == "__main__":
    main()
