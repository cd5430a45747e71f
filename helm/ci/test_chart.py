"""The chart as Kubernetes, Prometheus and the gateway itself would read it, rendered by a real helm.

`.ci/chart` names the programs in HELM and, where they are to be had, PROMTOOL and GATEWAY.
"""

import functools
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import kubernetes_validate
import yaml

CHART = Path(__file__).parent.parent
ROOT = CHART.parent
VALUES = {
    "default": [],
    "minimal": ["--values", CHART / "ci/minimal-values.yaml"],
    "full": ["--values", CHART / "ci/full-values.yaml"],
}
OLDEST_KUBERNETES, NEWEST_KUBERNETES = "1.27", "1.37"
# Of the Prometheus operator: Kubernetes has no schema of them.
FOREIGN_KINDS = {"PrometheusRule", "ServiceMonitor"}
# What the Secret or its own variables would bring.
SECRETS = {
    "GATEWAY__DATABASE__URL": "postgres://gateway@localhost/gateway",
    "GATEWAY__NOTIFICATIONS__EMAIL__PASSWORD": "secret",
    "GATEWAY__NOTIFICATIONS__ROOMS__CHANNEL__URL": "https://hooks.example.com/services/room",
}


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def helm(*arguments):
    return run(os.environ["HELM"], *arguments)


def template(*arguments):
    return helm("template", "release", CHART, "--namespace", "gw", *arguments)


@functools.cache
def rendered(name):
    answer = template(*VALUES[name])
    if answer.returncode:
        raise AssertionError(answer.stderr)
    return [it for it in yaml.safe_load_all(answer.stdout) if it]


def of_kind(objects, kind):
    return [it for it in objects if it["kind"] == kind]


def pods(objects):
    """Every pod there will be, as (name, metadata, spec)."""
    for it in objects:
        pod = it if it["kind"] == "Pod" else it["spec"].get("template") if "spec" in it else None
        if pod and "containers" in pod.get("spec", {}):
            yield it["metadata"]["name"], pod["metadata"], pod["spec"]


def containers(spec):
    return spec.get("initContainers", []) + spec["containers"]


def selects(selector, labels):
    return selector.items() <= labels.items()


def with_all_values(test):
    """Gives a test the objects of every set of values, one after the other."""

    @functools.wraps(test)
    def tests(self):
        for name in VALUES:
            with self.subTest(values=name):
                test(self, name, rendered(name))

    return tests


class Rendered(unittest.TestCase):
    """What every set of values gives."""

    def test_lints_strictly(self):
        for name, values in VALUES.items():
            answer = helm("lint", "--strict", CHART, *values)
            self.assertEqual(answer.returncode, 0, f"{name}: {answer.stdout}")

    @with_all_values
    def test_follows_the_schemas_of_kubernetes(self, _, objects):
        for it in objects:
            if it["kind"] in FOREIGN_KINDS:
                continue
            for version in (OLDEST_KUBERNETES, NEWEST_KUBERNETES):
                kubernetes_validate.validate(it, version, strict=True)

    @with_all_values
    def test_names_are_unique(self, _, objects):
        names = [(it["kind"], it["metadata"]["name"]) for it in objects]
        self.assertEqual(len(names), len(set(names)))

    @with_all_values
    def test_pods_are_confined(self, _, objects):
        for name, _, spec in pods(objects):
            pod = spec["securityContext"]
            self.assertIs(pod["runAsNonRoot"], True, name)
            self.assertEqual(pod["seccompProfile"], {"type": "RuntimeDefault"}, name)
            self.assertIs(spec["automountServiceAccountToken"], False, name)
            for container in containers(spec):
                self.assertEqual(container["securityContext"], {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }, name)
                self.assertIn("memory", container["resources"]["limits"], name)

    @with_all_values
    def test_selectors_find_their_pods(self, _, objects):
        labels = {name: metadata["labels"] for name, metadata, _ in pods(objects)}
        for it in of_kind(objects, "Deployment"):
            found = [name for name in labels if selects(it["spec"]["selector"]["matchLabels"], labels[name])]
            self.assertEqual(found, [it["metadata"]["name"]])
        budgets = of_kind(objects, "PodDisruptionBudget")
        selectors = [it["spec"]["selector"]["matchLabels"] for it in budgets]
        selectors += [it["spec"]["selector"] for it in of_kind(objects, "Service") if "clusterIP" not in it["spec"]]
        for selector in selectors:
            found = [name for name in labels if selects(selector, labels[name])]
            self.assertEqual(len(found), 1, selector)
            self.assertTrue(found[0].endswith("-api"), found)

    @with_all_values
    def test_probes_and_services_name_the_port_of_the_pods(self, name, objects):
        port = {"name": "http", "containerPort": 9090 if name == "full" else 8080}
        for _, _, spec in pods(of_kind(objects, "Deployment")):
            container = spec["containers"][0]
            self.assertEqual(container["ports"], [port])
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                self.assertEqual(container[probe]["httpGet"]["port"], "http")
        for service in of_kind(objects, "Service"):
            self.assertEqual([it["targetPort"] for it in service["spec"]["ports"]], ["http"])

    @with_all_values
    def test_what_is_named_is_there(self, _, objects):
        maps = {it["metadata"]["name"] for it in of_kind(objects, "ConfigMap")}
        accounts = {it["metadata"]["name"] for it in of_kind(objects, "ServiceAccount")} | {"default"}
        for name, _, spec in pods(objects):
            self.assertIn(spec.get("serviceAccountName", "default"), accounts, name)
            mounted = spec["volumes"][0]["projected"]["sources"][0]["configMap"]["name"]
            self.assertIn(mounted, maps, name)
        for ingress in of_kind(objects, "Ingress"):
            services = {it["metadata"]["name"] for it in of_kind(objects, "Service")}
            for path in ingress["spec"]["rules"][0]["http"]["paths"]:
                self.assertIn(path["backend"]["service"]["name"], services)
        for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
            deployments = {it["metadata"]["name"]: it for it in of_kind(objects, "Deployment")}
            self.assertNotIn("replicas", deployments[scaler["spec"]["scaleTargetRef"]["name"]]["spec"])

    @with_all_values
    def test_somebody_does_the_jobs(self, name, objects):
        switches = {}
        for pod, _, spec in pods(of_kind(objects, "Deployment")):
            env = {it["name"]: it.get("value") for it in spec["containers"][0]["env"]}
            switches[pod.rsplit("-", 1)[1]] = env.get("GATEWAY__JOBS__ENABLED")
        alone = name == "minimal"
        self.assertEqual(switches, {"api": None} if alone else {"api": "false", "worker": "true"})

    @with_all_values
    def test_pods_are_given_the_time_to_leave(self, name, objects):
        seconds = {name: 15 + 25 + 10 if name == "full" else 10 + 20 + 10 for name in VALUES}
        for pod, _, spec in pods(of_kind(objects, "Deployment")):
            self.assertEqual(spec["terminationGracePeriodSeconds"], seconds[name], pod)

    @with_all_values
    def test_the_migration_brings_what_it_needs(self, name, objects):
        """Hooks run before the release's own objects: they may name only hooks, and what was there before."""
        hooks = [it for it in objects if "pre-install" in it["metadata"].get("annotations", {}).get("helm.sh/hook", "")]
        self.assertEqual(sorted(it["kind"] for it in hooks), [] if name == "minimal" else ["ConfigMap", "Job"])
        for _, _, spec in pods(hooks):
            self.assertNotIn("serviceAccountName", spec)
            mounted = spec["volumes"][0]["projected"]["sources"][0]["configMap"]["name"]
            self.assertIn(mounted, {it["metadata"]["name"] for it in of_kind(hooks, "ConfigMap")})

    def test_notes_can_be_read(self):
        for name, values in VALUES.items():
            answer = helm("install", "release", CHART, "--dry-run=client", "--namespace", "gw", *values)
            self.assertEqual(answer.returncode, 0, f"{name}: {answer.stderr}")
            self.assertIn("test release --logs", answer.stdout, name)

    @unittest.skipUnless(os.environ.get("GATEWAY"), "no gateway to ask")
    @with_all_values
    def test_the_gateway_takes_its_configuration(self, name, objects):
        for it in of_kind(objects, "ConfigMap"):
            if "gateway.toml" in it["data"]:
                self.assert_taken(it["data"]["gateway.toml"], {} if name != "full" else SECRETS)

    def assert_taken(self, toml, secrets):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "gateway.toml")
            file.write_text(toml)
            if "crm.pem" in toml:
                run("openssl", "genpkey", "-algorithm", "RSA", "-out", "crm.pem", cwd=folder, check=True)
            check = [os.environ["GATEWAY"], "--config", file, "config", "check", "--offline"]
            answer = run(*check, env={"GATEWAY__DATABASE__URL": SECRETS["GATEWAY__DATABASE__URL"], **secrets})
            self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)


class Refused(unittest.TestCase):
    """Values that would not work, and where the refusal points."""

    CASES = {
        "a key that is unknown": (["replicaCount=3"], "replicaCount"),
        "a key that is unknown further in": (["ingress.hosts[0]=a"], "hosts"),
        "a section of the configuration that is unknown": (["config.servr.ide=true"], "servr"),
        "a CRM's secret": (["config.sources.crm.client_secret=x"], "client_secret"),
        "a room's secret": (["config.notifications.rooms.desk.url=https://x"], "url"),
        "the password of mail": (["config.notifications.email.password=x"], "password"),
        "the password of the database": (["config.database.url=postgres://u:p@host/db"], "url"),
        "a store that a pod would lose": (["config.database.url=sqlite://gateway.db"], "url"),
        "a name that cannot stand in a variable": (["config.sources.my-crm.kind=salesforce"], "my-crm"),
        "to listen where nobody can call": (["config.server.listen=127.0.0.1:8080"], "listen"),
        "a drain that cannot be counted": (["config.server.drain=1m"], "drain"),
        "no replica": (["api.replicas=0"], "replicas"),
        "an ingress without a host": (["ingress.enabled=true"], "host"),
        "a digest that is none": (["image.digest=latest"], "digest"),
        "a port that is none": (["service.port=70000"], "port"),
    }

    def test_with_the_key_that_is_wrong(self):
        for case, (values, key) in self.CASES.items():
            with self.subTest(case):
                answer = template(*(part for it in values for part in ("--set", it)))
                self.assertNotEqual(answer.returncode, 0)
                self.assertIn("values don't meet", answer.stderr)
                self.assertIn(key, answer.stderr)


class Monitoring(unittest.TestCase):
    """Alerts, dashboard, and who is asked for figures."""

    def setUp(self):
        self.objects = rendered("full")
        self.rules = of_kind(self.objects, "PrometheusRule")[0]["spec"]

    def test_the_monitor_finds_its_service(self):
        monitor = of_kind(self.objects, "ServiceMonitor")[0]["spec"]
        wanted = monitor["selector"]["matchLabels"]
        services = [it for it in of_kind(self.objects, "Service") if selects(wanted, it["metadata"]["labels"])]
        self.assertEqual(len(services), 1)
        self.assertEqual(monitor["endpoints"][0]["port"], services[0]["spec"]["ports"][0]["name"])
        # Rules and dashboard ask for figures by this job.
        self.assertEqual(services[0]["metadata"]["labels"][monitor["jobLabel"]], "partner-gateway")

    def test_only_figures_that_are_served_are_asked_for(self):
        places = ["sync/metrics.rs", "platform/graphql/measure.rs", "platform/database/figures.rs"]
        texts = "".join((ROOT / "gateway/src" / it).read_text() for it in places)
        served = set(re.findall(r'"((?:sync|outbound|source|operation|database)_\w+)"', texts))
        dashboard = (CHART / "dashboards/partner-gateway.json").read_text()
        asked = re.findall(r"partner_gateway_(\w+)", json.dumps(self.rules) + dashboard)
        # What is counted ends in its unit, and in what of it is asked for.
        asked = {re.sub(r"(_seconds)?_(bucket|count|total)$", "", it) for it in asked}
        self.assertTrue(asked and asked <= served, asked - served)

    def test_every_alert_is_explained(self):
        explained = (ROOT / "docs/operations.md").read_text()
        for rule in self.rules["groups"][0]["rules"]:
            self.assertIn(f"`{rule['alert']}`", explained)

    def test_the_dashboard_is_one(self):
        panels = json.loads((CHART / "dashboards/partner-gateway.json").read_text())["panels"]
        self.assertEqual(len({it["id"] for it in panels}), len(panels))
        self.assertTrue(all(it["targets"] and it["description"] for it in panels))

    @unittest.skipUnless(os.environ.get("PROMTOOL"), "no promtool here")
    def test_alerts_fire_when_they_should(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "rules.yaml").write_text(yaml.safe_dump(self.rules))
            Path(folder, "test.yaml").write_text((CHART / "ci/alerts-test.yaml").read_text())
            for command in (["check", "rules", "rules.yaml"], ["test", "rules", "test.yaml"]):
                answer = run(os.environ["PROMTOOL"], *command, cwd=folder)
                self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)


class Versions(unittest.TestCase):
    def test_the_chart_installs_this_version(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        workspace = re.search(r'\[workspace\.package\]\s+version = "(.+)"', (ROOT / "Cargo.toml").read_text())
        self.assertEqual(chart["appVersion"], workspace[1])


if __name__ == "__main__":
    unittest.main()
