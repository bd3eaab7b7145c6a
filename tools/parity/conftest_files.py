"""Random configuration files in conftest's formats, for conftest_parity.py.

Each function takes a random.Random and gives (file name, text). The texts are written from the grammars,
not from what either reader takes: some of them are wrong on purpose, and both sides have to say so.
"""

import json

NAMES = ("a", "b", "name", "image", "port", "enabled", "tags", "x-y", "key_1", "Zebra", "env", "spec")
TEXTS = ("", "a", "nginx:latest", "two words", "10.0.0.1", "true", "yes", "1e3", "007", "üñí", "a#b", "a=b", "x: y",
         "$HOME", "${var.a}", "100%", "it's", "tab\there", "<&>", "~", "null", "0x1F", "1_000", "-")
NUMBERS = (0, 1, -1, 42, 80, 999999, 1000000, 123456789, 1.5, -0.25, 1e21, 1e-7, 2.0)


def scalar(rng):
    return rng.choice([None, True, False, rng.choice(TEXTS), rng.choice(TEXTS), rng.choice(NUMBERS)])


def document(rng, depth=3):
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return scalar(rng)
    if kind < 0.6:
        return [document(rng, depth - 1) for _ in range(rng.randrange(4))]
    return mapping(rng, depth)


def mapping(rng, depth=3):
    return {name: document(rng, depth - 1) for name in rng.sample(NAMES, rng.randrange(1, 5))}


def json_file(rng):
    text = json.dumps(document(rng) if rng.random() < 0.3 else mapping(rng), ensure_ascii=rng.random() < 0.5,
                      indent=rng.choice([None, 2]))
    if rng.random() < 0.1:
        text += rng.choice([",", "}", " x"])
    return "input.json", text


def jsonc_file(rng):
    lines = json.dumps(mapping(rng), indent=2).split("\n")
    for _ in range(rng.randrange(3)):
        lines.insert(rng.randrange(len(lines)), rng.choice(["// a comment", "/* two\nlines */", "# hash"]))
    return "input.jsonc", "\n".join(lines)


def yaml_scalar(rng, value):
    if isinstance(value, str):
        plain = value and value == value.strip() and not set(value) & set(":#&*!|>'\"%@`{}[],\t") and value[0] not in "-?~<"
        return value if plain and rng.random() < 0.6 else json.dumps(value)
    return json.dumps(value)


def yaml_lines(rng, value, indent):
    pad = "  " * indent
    if isinstance(value, dict) and value:
        for name, child in value.items():
            if isinstance(child, (dict, list)) and child:
                yield f"{pad}{name}:"
                yield from yaml_lines(rng, child, indent + 1)
            else:
                yield f"{pad}{name}: {yaml_scalar(rng, child)}"
    elif isinstance(value, list) and value:
        for child in value:
            if isinstance(child, (dict, list)) and child:
                yield f"{pad}-"
                yield from yaml_lines(rng, child, indent + 1)
            else:
                yield f"{pad}- {yaml_scalar(rng, child)}"
    else:
        yield pad + yaml_scalar(rng, value)


def yaml_file(rng):
    documents = ["\n".join(yaml_lines(rng, mapping(rng), 0)) for _ in range(rng.choice([1, 1, 2, 3]))]
    text = "\n---\n".join(documents) + "\n"
    return rng.choice(["input.yaml", "input.yml"]), rng.choice(["", "", "---\n", "# first\n"]) + text


def toml_value(rng, value):
    if value is None:
        return rng.choice(["1979-05-27T07:32:00Z", "1979-05-27", "07:32:00", "1979-05-27T00:32:00.999-07:00", "inf"][:4])
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float):
        return repr(value) if "e" in repr(value) or "." in repr(value) else repr(value) + ".0"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(rng, one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml_value(rng, one)}" for name, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def toml_file(rng):
    lines = [f"{json.dumps(name)} = {toml_value(rng, scalar(rng))}" for name in rng.sample(NAMES[:4], 2)]
    for name in rng.sample(NAMES[4:], rng.randrange(1, 4)):
        lines.append(rng.choice([f"[{name}]", f"[[{name}]]"]))
        lines += [f"{json.dumps(key)} = {toml_value(rng, document(rng, 2))}" for key in rng.sample(NAMES, 2)]
    return "input.toml", "\n".join(lines) + "\n"


def hcl_text(rng):
    return rng.choice(['"plain"', '"a ${var.x} b"', '"${var.x}"', '"%{if a}b%{else}c%{endif}"', '"$${not}"',
                       '"q\\"\\n\\u00e9"', '"%{for x in y}${x},%{endfor}"', '"${~ a ~} b"', '""', '"${"in"}"', '"${1 + 2}"'])


def hcl_expression(rng, depth=2):
    if depth == 0 or rng.random() < 0.5:
        return rng.choice(["1", "2.50", "1e3", "true", "false", "null", "var.a.b", "local.x[0]", "a.*.id", "a[*].id", "-5",
                           "-x", "!true", "f(1, x...)", "a ? b : c", "1 + 2 * 3", "(1 + 2)", "x == y && z", "a.0.b",
                           "[for x in y : x.id if x]", "{for k, v in m : k => v...}", "toset([\"a\"])", "1000000",
                           "each.value[\"k\"]", hcl_text(rng)])
    if rng.random() < 0.5:
        inner = [hcl_expression(rng, depth - 1) for _ in range(rng.randrange(4))]
        return "[" + rng.choice([", ", ",\n    "]).join(inner) + "]"
    keys = rng.sample(["a", "\"b c\"", "(var.k)", "\"${var.k}\"", "d.e", "3", "f-g"], rng.randrange(4))
    return "{\n" + "".join(f"    {key} {rng.choice('=:')} {hcl_expression(rng, depth - 1)}{rng.choice(['', ','])}\n"
                           for key in keys) + "  }"


def hcl_body(rng, depth):
    pad = "  " * (2 - depth)
    lines = []
    for name in rng.sample(NAMES, rng.randrange(4)):
        if rng.random() < 0.15:
            lines.append(f"{pad}{name} = {rng.choice(['<<EOT', '<<-EOT'])}\n{pad}  one ${{a}}\n\n{pad}    two\n{pad}EOT")
        else:
            lines.append(f"{pad}{name} = {hcl_expression(rng)}" + rng.choice(["", " # why", " // x", " /* y */"]))
    if depth:
        for kind in rng.sample(["ingress", "dynamic \"rule\"", "lifecycle", "tags_all"], rng.randrange(3)):
            body = hcl_body(rng, depth - 1)
            lines.append(f"{pad}{kind} {{\n{body}\n{pad}}}" if body else f"{pad}{kind} {{}}")
    return "\n".join(lines)


def hcl2_file(rng):
    heads = ['resource "aws_s3_bucket" "b"', 'resource "aws_instance" i', 'variable "v"', "locals", 'module "m"', 'data "x" "y"',
             "terraform", 'resource "aws_s3_bucket" "c"', "locals"]
    blocks = [f"{head} {{\n{hcl_body(rng, 1)}\n}}" for head in rng.sample(heads, rng.randrange(1, 5))]
    text = "\n\n".join(blocks) + "\n"
    if rng.random() < 0.1:
        text = text.replace("}", rng.choice(["", "]", "} }"]), 1)
    return rng.choice(["main.tf", "input.hcl", "terraform.tfvars"]), text


def hcl1_file(rng):
    def value(depth):
        plain = rng.choice(["1", "-2", "1.5", "0x1F", "true", "\"a\"", "\"${a.b(\"x\")} c\"", "\"x\\n\"", "<<EOF\nhi\n  there\nEOF"])
        if depth == 0 or rng.random() < 0.6:
            return plain
        if rng.random() < 0.5:
            return "[" + ", ".join(rng.choice(["1", "\"a\"", "true", "{ x = 1 }"]) for _ in range(rng.randrange(4))) + "]"
        return "{\n" + "".join(f"{name} = {value(depth - 1)}\n" for name in rng.sample(NAMES, rng.randrange(3))) + "}"
    lines = [f"{name} = {value(2)}" for name in rng.sample(NAMES, rng.randrange(4))]
    for _ in range(rng.randrange(4)):
        head = rng.choice(["resource \"a\" \"b\"", "resource \"a\" \"c\"", "group \"x\"", "block", "block", "group \"y\""])
        lines.append(f"{head} {{\n" + "".join(f"  {n} = {value(1)}\n" for n in rng.sample(NAMES, rng.randrange(3))) + "}")
    return "input.hcl1", "\n".join(lines) + "\n"


DOCKER = ("FROM alpine:3.19", "FROM golang AS build", "FROM --platform=$BUILDPLATFORM a as b", "RUN apk add curl && \\\n    rm -rf /x",
          "RUN [\"a\", \"b c\"]", "COPY --from=build --chown=1:1 /a /b", "COPY [\"x y\", \"/z\"]", "ADD https://x/y /z",
          "ENV A=b C=\"d e\"", "ENV OLD the value", "LABEL x=\"y z\" w=1", "EXPOSE 80 443/tcp", "USER root", "WORKDIR /app",
          "CMD [\"a\"]", "CMD a b", "ENTRYPOINT exec x", "ARG V=1 W", "VOLUME /a /b", "STOPSIGNAL SIGTERM", "SHELL [\"sh\", \"-c\"]",
          "HEALTHCHECK --interval=5s CMD curl x", "HEALTHCHECK NONE", "ONBUILD RUN x y", "MAINTAINER me", "# a comment", "#", "",
          "RUN <<EOF\nx\ny\nEOF", "RUN a \\\n# inside\n  b", "run lower case", "RUN --mount=type=cache,target=/x y")
DOCKER_WRONG = ("ENV A", "FOO bar", "COPY a", "FROM a b", "EXPOSE", "USER a b c", "SHELL x", "RUN --nope=1 x", "CMD [1]", "ONBUILD FROM x",
                "HEALTHCHECK FOO")


def dockerfile_file(rng):
    lines = ["FROM scratch"] + [rng.choice(DOCKER) for _ in range(rng.randrange(1, 9))]
    if rng.random() < 0.15:
        lines.insert(rng.randrange(1, len(lines) + 1), rng.choice(DOCKER_WRONG))
    if rng.random() < 0.2:
        lines.insert(0, rng.choice(["# syntax=docker/dockerfile:1", "# escape=`", "ARG BASE=x"]))
    return rng.choice(["Dockerfile", "app.dockerfile", "Dockerfile.dev"]), "\n".join(lines) + "\n"


def ini_file(rng):
    lines = [f"{rng.choice(NAMES)}=top"] if rng.random() < 0.3 else []
    for section in rng.sample(NAMES, rng.randrange(1, 4)):
        lines.append(f"[{section}]" + rng.choice(["", " ; why"]))
        for name in rng.sample(NAMES, rng.randrange(4)):
            text = rng.choice(TEXTS + ("\"quoted\"", "'single'", "1", "0.5", "True", "f", "inf", "a ; c", "long \\\n line", "`b`"))
            lines.append(f"{name}{rng.choice([' = ', '=', ': '])}{text}")
    return "input.ini", "\n".join(lines) + "\n"


def dotenv_file(rng):
    lines = []
    for name in ("A", "B_C", "lower", "X.Y", "LAST"):
        lines.append(rng.choice(["", "# c", f"export {name}=1", f"{name}=plain value # c", f"{name}=\"q $A ${{A}} \\$A\\n\"",
                                 f"{name}='s $A'", f"{name}: yaml", f"{name}=", f"{name} = spaced", f"{name}=\"two\nlines\"",
                                 f"{name}={rng.choice(TEXTS)}"]))
    return rng.choice([".env", "prod.env", ".env.local"]), "\n".join(lines) + "\n"


def properties_file(rng):
    lines = []
    for name in rng.sample(NAMES, rng.randrange(1, 5)):
        lines.append(rng.choice([f"{name}=1", f"{name} : x", f"{name} value", f"{name}=a\\\n   b", f"{name}=\\u00e9\\t", "# c", "! d",
                                 f"{name}.sub=${{{name}}}", f"{name}", f"{name}={rng.choice(TEXTS)}"]))
    return "input.properties", "\n".join(lines) + "\n"


def ignore_file(rng):
    lines = [rng.choice(["node_modules", "!keep", "# c", "", "*.log", "a\\ b", "trail   ", "x\\\\y", "/rooted", "#", "\\#x", "end\\ "])
             for _ in range(rng.randrange(6))]
    return rng.choice([".gitignore", ".dockerignore"]), "\n".join(lines) + rng.choice(["", "\n"])


def codeowners_file(rng):
    lines = [rng.choice(["* @user", "/docs @org/team a@b.co", "# c", "", "*.js @a @b # why", "x\\ y @u", "path", "bad @", "a! @u"][:7 + 2 * (
        rng.random() < 0.1)]) for _ in range(rng.randrange(1, 5))]
    return "CODEOWNERS", "\n".join(lines) + "\n"


def xml_element(rng, depth):
    name = rng.choice(["a", "b", "item", "ns:c"])
    attributes = "".join(f' {key}="{rng.choice(["1", "x y", "&lt;"])}"' for key in rng.sample(["id", "x", "ns:y"], rng.randrange(3)))
    if depth == 0 or rng.random() < 0.3:
        text = rng.choice(["", "text", " padded ", "a &amp; b", "<![CDATA[raw <x>]]>", "12"])
        return f"<{name}{attributes}>{text}</{name}>" if text else f"<{name}{attributes}/>"
    inner = "".join(rng.choice(["", "mixed", "\n  ", "<!-- c -->"]) + xml_element(rng, depth - 1) for _ in range(rng.randrange(4)))
    return f"<{name}{attributes}>{inner}{rng.choice(['', 'tail'])}</{name}>"


def xml_file(rng):
    return "input.xml", rng.choice(["", '<?xml version="1.0"?>\n']) + f'<root xmlns:ns="u">{xml_element(rng, 2)}{xml_element(rng, 2)}</root>'


def edn_value(rng, depth):
    if depth == 0 or rng.random() < 0.5:
        return rng.choice([":key", ":ns/key", "sym", "1", "-2", "1.5", "1e6", "true", "nil", '"text"', "\\a", "\\newline", "#{1 2}", '"é\\n"'])
    inner = " ".join(edn_value(rng, depth - 1) for _ in range(rng.randrange(4)))
    if rng.random() < 0.6:
        return rng.choice(["[{}]", "({})"]).format(inner)
    return "{" + ", ".join(f"{rng.choice([':a', ':b', chr(34) + 'c' + chr(34), 'd'])}{i} {edn_value(rng, depth - 1)}".replace(
        '"c"', '"c').replace('"c' + str(i), '"c' + str(i) + '"') for i in range(rng.randrange(4))) + "}"


def edn_file(rng):
    return "input.edn", rng.choice(["", "; c\n"]) + "{:top " + edn_value(rng, 3) + "}\n"


def nginx_block(rng, depth):
    lines = []
    for _ in range(rng.randrange(1, 5)):
        simple = rng.choice([
            "listen 80;", "server_name a.example b.example;", 'add_header X-A "a \\"b\\" {c}" always;', "root /var/www/${name}/x;",
            "if ($host = 'a') { return 301 https://$host$request_uri; }", "include mime.types;", "# c\n", "gzip on; # why\n",
            "server 10.0.0.1:80 backup weight=5 max_fails=3;", "types { text/html html htm; a/b c; }", "access_log\n  off;",
            "content_by_lua_block { local t = {a = 1} -- {\n ngx.say(t.a) }", "set_by_lua_block $x { return 1 }", ";",
            "map $a $b { default 0; ~^x{2}$ 1; }", "location = /x { }", "include;", "unknown_thing on;", "return 200 'a;b';",
            "rewrite ^/(.*)$ /$1 last;", "server 10.0.0.2;", "upstream { server a; }", "location a b c { }"][:23 if rng.random() < 0.1 else 16])
        if depth == 0 or rng.random() < 0.5:
            lines.append(simple)
            continue
        opening = rng.choice(["http", "server", "location / ", "location ~* \\.php$ ", "upstream back ", "events", "server"])
        lines.append(opening + " {\n" + nginx_block(rng, depth - 1) + rng.choice(["}\n", "\n}", "}"]))
    return "\n".join(lines) + "\n"


def sometimes_cut(rng, text):
    return text[:rng.randrange(len(text))] if rng.random() < 0.05 else text


def nginx_file(rng):
    return "nginx.conf", sometimes_cut(rng, nginx_block(rng, 3))


def hocon_object(rng, depth, path):
    lines = []
    for name in rng.sample(NAMES, rng.randrange(1, 4)):
        if depth and rng.random() < 0.4:
            lines.append(f"{name} {rng.choice(['', '=', ':'])} {{\n{hocon_object(rng, depth - 1, path + name + '.')}\n}}")
            continue
        value = rng.choice(["1", "1.5", "true", "text", "two words", "\"quoted x\"", "[1, 2]", "[a, \"b c\"]", "[]", "10s", "null", "off",
                            "${?not.there}", f"${{{path}{name}2}} x", "\"\"", "\"\"\"three \"\"\"", "a.b", "007"])
        if "2}" in value:
            lines.append(f"{name}2 = {rng.choice(['7', 'y', '[3]'])}")
        lines.append(f"{name}{rng.choice([' = ', ': ', '='])}{value}" + rng.choice(["", "", ",", " # why", " // x"]))
    return "\n".join(lines)


def hocon_file(rng):
    parts = []
    for name in rng.choices(NAMES[:4], k=rng.randrange(1, 4)):
        parts.append(f"{name} {{\n{hocon_object(rng, 2, name + '.')}\n}}" if rng.random() < 0.8 else f"{name}.sub.key = {rng.choice(['1', 'x'])}")
    return "input.hocon", sometimes_cut(rng, "\n".join(parts) + "\n")


def vcl_file(rng):
    blocks = []
    for _ in range(rng.randrange(1, 5)):
        blocks.append(rng.choice([
            "acl {0} {{\n  \"10.0.0.0\"/8;\n  \"localhost\";\n}}", "backend {0} {{\n  .host = \"h\";\n  .port = \"80\";\n}}",
            "backend {0} {{\n  .host = \"h\";\n  .probe = {{\n    .interval = 5s;\n    .timeout = 10;\n  }}\n}}",
            "sub vcl_{0} {{\n  set req.http.x = \"y\";\n  if (req.url ~ \"a\") {{\n    return (pass);\n  }}\n}}",
            "table {0} {{\n  \"k\": \"v\",\n  \"l\": \"w\",\n}}", "director {0} random {{\n  {{ .backend = f; .weight = 1; }}\n}}",
            "sub vcl_{0} {{\n  call x;\n  unset req.http.y;\n  # why not\n}}", "sub {0} {{\n  set a = true;\n  set b = 50%;\n}}",
        ]).format(rng.choice(["a", "b", "c"])))
    return "input.vcl", sometimes_cut(rng, "\n\n".join(blocks) + "\n")


FORMATS = {
    "json": json_file, "jsonc": jsonc_file, "yaml": yaml_file, "toml": toml_file, "hcl2": hcl2_file, "hcl1": hcl1_file,
    "dockerfile": dockerfile_file, "ini": ini_file, "dotenv": dotenv_file, "properties": properties_file,
    "ignore": ignore_file, "codeowners": codeowners_file, "xml": xml_file, "edn": edn_file,
    "nginx": nginx_file, "hocon": hocon_file, "vcl": vcl_file,
}
