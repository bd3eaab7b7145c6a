"""The workloads of rego_bench.py: each is a case file for the runners (bench/rego/runner.cpp).

What is generated comes from a seeded generator, so that two runs measure the same. Public rules are read
where they are (the corpora, the sources of the crate regorus), and nothing of them is kept.
"""

import json
import os
import random
import re

try:
    import yaml
except ImportError:  # the cases of public libraries are YAML; without it they are named and left out
    yaml = None

POLICIES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                        "bench", "rego", "policies")


class Case:
    """`group` is what one row of the table stands for; `body` what the runners read."""

    def __init__(self, group, name, modules, query, inputs, data=None, data_file="", version=1):
        self.group, self.name = group, name
        self.body = {"name": name, "modules": modules, "query": query, "rego_version": version,
                     "data": data or {}, "data_file": data_file, "inputs": inputs}


def policy(name):
    with open(os.path.join(POLICIES, name), encoding="utf-8") as file:
        return {name: file.read()}


# --- objects of a cluster ---------------------------------------------------------------------------

def container(rng, number):
    made = {"name": f"container-{number}",
            "image": rng.choice(["registry.example.com/team/app:1.2.3", "docker.io/library/nginx:latest",
                                 "registry.example.com/base/java", "quay.io/other/tool:0.9"]),
            "ports": [{"containerPort": 8080, "hostPort": rng.choice([80, 8080, 9000])}],
            "env": [{"name": f"VARIABLE_{i}", "value": str(rng.randrange(1000))} for i in range(6)],
            "command": ["/bin/app", "--verbose", "--config=/etc/app.yaml"],
            "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": True}],
            "securityContext": {"privileged": rng.random() < 0.2, "runAsUser": rng.choice([0, 1000, 20000]),
                                "readOnlyRootFilesystem": rng.random() < 0.5,
                                "allowPrivilegeEscalation": rng.random() < 0.3,
                                "capabilities": {"add": rng.sample(["NET_ADMIN", "SYS_TIME", "CHOWN"], 1),
                                                 "drop": ["ALL"] if rng.random() < 0.5 else []}}}
    if rng.random() < 0.7:
        made["resources"] = {"limits": {"memory": rng.choice(["128Mi", "2Gi", "8Gi"]), "cpu": "500m"},
                             "requests": {"memory": "64Mi", "cpu": "100m"}}
    if rng.random() < 0.6:
        made["livenessProbe"] = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10}
    return made


def workload(rng, number, kinds=("Pod", "Deployment", "DaemonSet", "StatefulSet")):
    kind = rng.choice(kinds)
    spec = {"containers": [container(rng, i) for i in range(rng.randrange(1, 4))],
            "volumes": [{"name": "config", "configMap": {"name": "app"}},
                        {"name": "host", rng.choice(["hostPath", "emptyDir"]): {"path": "/var/run"}}],
            "serviceAccountName": "default", "hostNetwork": rng.random() < 0.2, "hostPID": rng.random() < 0.1,
            "automountServiceAccountToken": rng.random() < 0.5, "restartPolicy": "Always"}
    labels = {"app": f"app-{number % 17}", "owner": rng.choice(["team-a", "Team B", "team-c"]),
              "tier": rng.choice(["web", "data"])}
    if rng.random() < 0.3:
        labels["cost-centre"] = "cc-17"
    made = {"apiVersion": "v1" if kind == "Pod" else "apps/v1", "kind": kind,
            "metadata": {"name": f"object-{number}", "namespace": rng.choice(["default", "shop", "kube-system"]),
                         "labels": labels, "annotations": {"example.com/build": str(number)}}}
    made["spec"] = spec if kind == "Pod" else {
        "replicas": 2, "selector": {"matchLabels": {"app": labels["app"]}},
        "template": {"metadata": {"labels": labels}, "spec": spec}}
    return made


def review(made):
    group, _, version = made["apiVersion"].rpartition("/")
    return {"review": {"uid": "7f0b", "kind": {"group": group, "version": version, "kind": made["kind"]},
                       "operation": "CREATE", "name": made["metadata"]["name"],
                       "namespace": made["metadata"].get("namespace", ""), "userInfo": {"username": "builder"},
                       "object": made}}


# --- our own ---------------------------------------------------------------------------------------

def admission():
    rng = random.Random(1)
    parameters = {"labels": ["app", "owner", "cost-centre"], "registries": ["registry.example.com/", "quay.io/"],
                  "label_values": [{"key": "owner", "pattern": "^[a-z-]+$"}, {"key": "tier", "pattern": "^web$"}],
                  "refused_tags": ["latest", "master"], "capabilities": ["CHOWN", "NET_BIND_SERVICE"],
                  "users": [{"min": 1000, "max": 2000}, {"min": 3000, "max": 4000}], "memory": "4Gi",
                  "probes": ["livenessProbe", "readinessProbe"], "host_ports": {"min": 8000, "max": 8999},
                  "volumes": ["configMap", "emptyDir", "secret"]}
    inputs = [review(workload(rng, i)) for i in range(200)]
    yield Case("admission", "admission", policy("admission.rego"), "data.bench.violation", inputs,
               {"parameters": parameters})


def rbac():
    rng = random.Random(2)
    actions = ["read", "write", "delete", "list"]
    roles = {f"role-{i}": {"grants": [{"action": rng.choice(actions), "resource": f"resource-{rng.randrange(2000)}"}
                                      for _ in range(6)]} for i in range(10_000)}
    bindings = {f"user-{i}": [f"role-{rng.randrange(10_000)}" for _ in range(4)] for i in range(20_000)}
    inputs = []
    for _ in range(500):
        user = f"user-{rng.randrange(20_000)}"
        grant = rng.choice(roles[rng.choice(bindings[user])]["grants"])
        if rng.random() < 0.5:
            grant = {"action": rng.choice(actions), "resource": f"resource-{rng.randrange(2000)}"}
        inputs.append({"user": user, **grant})
    yield Case("RBAC, 10,000 roles", "rbac", policy("rbac.rego"), "data.bench.allow", inputs,
               {"roles": roles, "bindings": bindings})


def services():
    rng = random.Random(3)
    inputs = []
    for i in range(200):
        account = f"account-{rng.randrange(50)}"
        path = rng.choice([["public", "prices"], ["accounts", account], ["accounts", account, "transfers"],
                           ["admin", "users"], ["unknown"]])
        inputs.append({"method": rng.choice(["GET", "POST", "DELETE"]), "path": path,
                       "token": {"subject": account, "roles": rng.sample(["user", "auditor", "admin"], 2),
                                 "limit": 100},
                       "body": {"amount": rng.randrange(150), "to": f"account-{i % 60}"}})
    yield Case("service", "service", policy("services.rego"), "data.bench.allow", inputs,
               {"blocked": {f"account-{i}": True for i in range(40, 60)}})


def groups():
    rng = random.Random(4)
    inputs = [{"items": [{"name": f"item-{i}", "team": f"team-{rng.randrange(25)}", "cost": rng.randrange(100)}
                         for i in range(500)]} for _ in range(4)]
    yield Case("group-by", "group-by", policy("groups.rego"), "data.bench.report", inputs)


def patterns():
    rng = random.Random(5)
    words = ["orders", "users", "internal", "admin", "metrics", "reports", "files", "v1", "v2"]
    data = {"expressions": {f"rule-{i}": rng.choice(
                [f"^/api/{rng.choice(words)}/[0-9]+$", f"(?i)/{rng.choice(words)}/.*{i}", f"/{i}[a-f0-9]{{4,}}/",
                 f"^/(?:{'|'.join(rng.sample(words, 3))})/[^/]+/{rng.choice(words)}"]) for i in range(100)},
            "globs": {f"glob-{i}": f"/{rng.choice(words)}/*/{rng.choice(words + ['**', '*'])}" for i in range(60)},
            "hosts": [f"*.{word}.example.com" for word in words] + [f"host-{i}.example.*" for i in range(40)]}
    inputs = [{"path": "/" + "/".join(rng.choice(words + [str(rng.randrange(100)), "7abcdef0"])
                                      for _ in range(rng.randrange(2, 5))),
               "host": rng.choice(["a.orders.example.com", "host-7.example.org", "other.example.net"])}
              for _ in range(100)]
    yield Case("regex and glob lists", "patterns", policy("patterns.rego"), "data.bench.decision", inputs, data)


def large(folder):
    rng = random.Random(6)
    regions = [f"region-{i}" for i in range(20)]
    path = os.path.join(folder, "large.json")
    records, size, number = {}, 0, 0
    while size < 95_000_000:
        record = {"owner": f"owner-{rng.randrange(5000)}", "state": rng.choice(["active", "active", "closed"]),
                  "regions": rng.sample(regions, 4), "size": rng.randrange(1_000_000), "created": "2024-03-01T10:00:00Z",
                  "labels": {"cost-centre": f"cc-{rng.randrange(100)}", "stage": rng.choice(["test", "production"])},
                  "title": f"Record number {number} of the large data set"}
        records[f"record-{number}"] = record
        size += len(json.dumps(record)) + 20
        number += 1
    owners = {f"owner-{i}": {"groups": [f"group-{rng.randrange(300)}" for _ in range(5)]} for i in range(5000)}
    data = {"records": records, "owners": owners,
            "groups_of": {action: [f"group-{rng.randrange(300)}" for _ in range(30)] for action in ("read", "write")},
            "freezes": {f"owner-{i}": {"regions": {rng.choice(regions): True}} for i in range(0, 5000, 7)}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file)
    inputs = [{"id": f"record-{rng.randrange(number)}", "region": rng.choice(regions),
               "action": rng.choice(["read", "write"])} for _ in range(2000)]
    yield Case(f"large data, {os.path.getsize(path) / 1e6:.0f} MB", "large", policy("large.rego"), "data.bench.allow",
               inputs, data_file=path)


# --- public policies ---------------------------------------------------------------------------------

def aci(crate):
    """Azure's policy for confidential containers, as the sources of the crate regorus carry it."""
    folder = os.path.join(crate, "tests", "aci")
    with open(os.path.join(folder, "aci.yaml"), encoding="utf-8") as file:
        cases = yaml.safe_load(file)["cases"]
    for one in cases:
        modules = {}
        for i, text in enumerate(one["modules"]):
            if text.endswith(".rego"):
                with open(os.path.join(folder, text), encoding="utf-8") as file:
                    modules[text] = file.read()
            else:
                modules[f"module-{i}.rego"] = text
        yield Case("ACI policy", one["note"], modules, one["query"].replace("=x", ""), [one["input"]], one["data"],
                   version=0)


def objects_of(folder):
    """The manifests of the samples; constraints are not among them."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".yaml") and name != "constraint.yaml":
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    for document in yaml.safe_load_all(file):
                        if isinstance(document, dict) and "metadata" in document and "apiVersion" in document:
                            yield document


def gatekeeper(corpus):
    """The templates of Gatekeeper's library, each over the objects of its samples."""
    for place, folders, names in sorted(os.walk(corpus)):
        folders.sort()
        if "template.yaml" not in names:
            continue
        with open(os.path.join(place, "template.yaml"), encoding="utf-8") as file:
            template = yaml.safe_load(file)
        target = template["spec"]["targets"][0]
        source = target.get("rego")
        version, libraries = 0, target.get("libs", [])
        for code in target.get("code", []):
            if code.get("engine") == "Rego":
                source = code["source"].get("rego")
                libraries = code["source"].get("libs", [])
                version = 1 if code["source"].get("version") == "v1" else 0
        if not source:
            continue
        parameters = {}
        for at, _, files in sorted(os.walk(os.path.join(place, "samples"))):
            if "constraint.yaml" in files:
                with open(os.path.join(at, "constraint.yaml"), encoding="utf-8") as file:
                    parameters = (yaml.safe_load(file).get("spec") or {}).get("parameters") or {}
                break
        # Dates become texts, as in JSON.
        objects = json.loads(json.dumps(list(objects_of(os.path.join(place, "samples"))), default=str))
        inputs = [{**review(one), "parameters": parameters} for one in objects]
        package = re.search(r"^package\s+(\S+)", source, re.M).group(1)
        modules = {"template.rego": source, **{f"lib-{i}.rego": text for i, text in enumerate(libraries)}}
        if inputs:
            yield Case("library templates", os.path.basename(place), modules, f"data.{package}.violation", inputs,
                       {"inventory": {"cluster": {}, "namespace": {}}}, version=version)


RESULT = """package merlon_bench_result

make(message, cause) := {"msg": message, "cause": type_name(cause)}
"""


def trivy(corpus):
    """Trivy's checks of Kubernetes, all at once. result.new is Trivy's own; a function stands for it."""
    modules, packages = {"result.rego": RESULT}, []
    for top in ("lib", os.path.join("checks", "kubernetes")):
        for place, folders, names in os.walk(os.path.join(corpus, top)):
            folders.sort()
            for name in sorted(names):
                if not name.endswith(".rego") or name.endswith("_test.rego"):
                    continue
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    text = file.read()
                package = re.search(r"^package\s+(\S+)", text, re.M).group(1)
                text = text.replace("result.new(", "data.merlon_bench_result.make(")
                if re.search(r"\b(isManaged|squealer|sh\.parse_commands|cidr\.)", text):
                    continue
                # What stands before the package says which schema an input has; there are none here.
                modules[os.path.join(top, name)] = text[text.index("package " + package):]
                if re.search(r"^deny\b", text, re.M):
                    packages.append(package)
    rules = "".join(f'found contains ["{one}", result] if some result in data.{one}.deny\n\n' for one in packages)
    modules["bench.rego"] = f"package bench\n\nimport rego.v1\n\n{rules}"
    rng = random.Random(7)
    inputs = [workload(rng, i) for i in range(200)]
    yield Case(f"trivy-checks, {len(packages)} at once", "trivy-checks", modules, "data.bench.found", inputs)
