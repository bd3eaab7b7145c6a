#!/usr/bin/env python3
"""http.send and net.lookup_ip_addr against servers of the test: http_send_test.py MERLON [unittest arguments]

The servers listen on the loopback interface alone, and the test makes its own certificates.
"""

import email.utils
import http.server
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

MERLON = str(pathlib.Path(sys.argv[1]).resolve())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = None  # one list for each server
    failures = None  # how many requests to /flaky are cut off first

    def answer(self, status=200, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.command, self.path, dict(self.headers), body))
        if self.path == "/json":
            self.answer(body=b'{"a": [1, 2.50]}', Content_Type="application/json; charset=utf-8", X_Two="1")
        elif self.path == "/yaml":
            self.answer(body=b"a: [1, b]\n", Content_Type="application/yaml")
        elif self.path == "/text":
            self.answer(body=b'{"looks": "like JSON"}', Content_Type="text/plain")
        elif self.path == "/broken":
            self.answer(body=b"{", Content_Type="application/json")
        elif self.path == "/latin":
            self.answer(body=b'"\xff\xfe"', Content_Type="application/json")
        elif self.path == "/two":
            self.answer(body=b'{"a": 1} {"b": 2}', Content_Type="application/json")
        elif self.path == "/missing":
            self.answer(404)
        elif self.path == "/moved":
            self.answer(302, Location="/json")
        elif self.path == "/away":
            self.answer(302, Location=f"http://other.localhost:{self.server.server_address[1]}/json")
        elif self.path == "/kept":
            self.answer(body=str(len(self.asked)).encode(), Cache_Control="max-age=60")
        elif self.path == "/expires":
            self.answer(body=str(len(self.asked)).encode(), Expires=email.utils.formatdate(time.time() + 3600, usegmt=True))
        elif self.path == "/upper":
            self.answer(body=str(len(self.asked)).encode(), Cache_Control="MAX-AGE=60")
        elif self.path == "/tagged":
            if self.headers.get("If-None-Match") == '"one"':
                self.answer(304, ETag='"one"', Cache_Control="max-age=60")
            else:
                self.answer(body=str(len(self.asked)).encode(), ETag='"one"', Cache_Control="max-age=0")
        elif self.path == "/count":
            self.answer(500, body=str(len(self.asked)).encode())
        elif self.path == "/flaky" and self.failures:
            self.failures.pop()
            self.close_connection = True
            self.connection.close()
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"{")
            self.close_connection = True
        elif self.path == "/hangs":
            time.sleep(5)
        else:
            self.answer(body=body, Content_Type="application/json")

    do_POST = do_HEAD = do_PUT = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # that a client does not believe the certificate is what some tests are about


def start(context=None):
    handler = type("TestHandler", (Handler,), {"asked": [], "failures": []})
    server = Server(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


def make_certificates(folder):
    """An authority, and certificates of it for localhost, for a client, and of a name that only the subject has."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test ca")
    (folder / "names").write_text("subjectAltName=DNS:localhost,DNS:named.example\n")
    (folder / "no-names").write_text("keyUsage=digitalSignature\n")
    for name, subject, names in (("server", "server", "names"), ("client", "client", "names"), ("common", "localhost", "no-names")):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-out", f"{name}.pem", "-extfile", names)


class Asking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="merlon-http-"))
        make_certificates(cls.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @property
    def asked(self):
        return self.server.RequestHandlerClass.asked

    def eval(self, query, *flags, allowed="127.0.0.1", strict=True, code=0, **variables):
        words = ["eval", "-f", "json", *(["--allow-net", allowed] if allowed else []),
                 *(["--strict-builtin-errors"] if strict else []), *flags, query]
        done = subprocess.run([MERLON, "compat", "opa", *words], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", **variables})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        answer = json.loads(done.stdout)
        if code:
            return answer["errors"][0]["message"]
        return answer["result"][0]["expressions"][0]["value"] if answer.get("result") else None

    def send(self, path, url=None, **fields):
        options = {name: fields.pop(name) for name in ("allowed", "strict", "code", "variables", "flags") if name in fields}
        request = {"method": "get", "url": (url or self.url) + path, **fields}
        flags = options.pop("flags", ())
        return self.eval(f"http.send({json.dumps(request)})", *flags, **options.pop("variables", {}), **options)


class HttpSend(Asking):
    def setUp(self):
        self.server = start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def test_nothing_is_reached_unless_it_is_allowed(self):
        self.assertIn("network access is not allowed", self.send("/json", allowed=None, code=2))
        self.assertIn("disallowed host: 127.0.0.1", self.send("/json", allowed="example.com", code=2))
        self.assertIsNone(self.send("/json", allowed=None, strict=False))
        self.assertEqual(self.asked, [])
        self.assertEqual(self.send("/json", allowed="*")["status_code"], 200)

    def test_what_is_no_host_is_not_allowed_silently(self):
        for host in ("127.0.0.1,localhost", "127.0.0.1:80", "http://127.0.0.1", "127.0.0.1/", "[::1]", "a b", ""):
            for words in (["opa", "eval", "1"], ["opa", "test", "."], ["conftest", "test", "a.json"]):
                if words[0] == "conftest" and "," in host:
                    continue  # there a comma is between two hosts
                done = subprocess.run([MERLON, "compat", *words[:2], "--allow-net", host, *words[2:]], cwd=self.folder, capture_output=True,
                                      text=True, timeout=60)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(f"--allow-net '{host}' names no host; expected", done.stderr)
        for host in ("::1", "*", "a_b.example", "127.0.0.1"):
            self.assertEqual(self.eval("1", allowed=host), 1)

    def test_capabilities_narrow_what_is_allowed(self):
        for hosts, code in (([], 2), (["example.com"], 2), (["*"], 2), (["127.0.0.1"], 0)):
            text = subprocess.run([MERLON, "compat", "opa", "capabilities", "--current"], capture_output=True, text=True, timeout=60).stdout
            (self.folder / "caps.json").write_text(json.dumps({**json.loads(text), "allow_net": hosts}))
            told = self.send("/json", allowed="*", flags=("--capabilities", "caps.json"), code=code)
            self.assertTrue(code == 0 or "disallowed host: 127.0.0.1" in told, told)

    def test_an_answer_has_opas_fields(self):
        answer = self.send("/json")
        self.assertEqual((answer["status"], answer["status_code"]), ("200 OK", 200))
        self.assertEqual((answer["body"], answer["raw_body"]), ({"a": [1, 2.5]}, '{"a": [1, 2.50]}'))
        self.assertEqual(answer["headers"]["x-two"], ["1"])
        self.assertEqual(self.send("/yaml")["body"], {"a": [1, "b"]})
        self.assertIsNone(self.send("/text")["body"])
        self.assertEqual(self.send("/text", force_json_decode=True)["body"], {"looks": "like JSON"})
        self.assertIsNone(self.send("/broken")["body"])
        self.assertEqual(self.send("/latin")["body"], "\ufffd\ufffd")
        self.assertEqual(self.send("/two")["body"], {"a": 1})
        self.assertEqual(self.send("/missing")["status_code"], 404)

    def test_a_request_has_what_was_asked_for(self):
        self.send("/echo", method="post", body={"x": [1]}, headers={"X-Key": "v", "User-Agent": "me"})
        method, path, headers, body = self.asked[-1]
        self.assertEqual((method, path, json.loads(body)), ("POST", "/echo", {"x": [1]}))
        self.assertEqual((headers["x-key"], headers["user-agent"]), ("v", "me"))
        self.send("/echo", method="put", raw_body="as it is", body={"not": "this"})
        self.assertEqual(self.asked[-1][3], b"as it is")
        self.send("/echo")
        self.assertIn("Open Policy Agent/", self.asked[-1][2]["user-agent"])

    def test_redirects_are_followed_where_they_are_wanted(self):
        self.assertEqual(self.send("/moved")["status_code"], 302)
        self.assertEqual(self.send("/moved", enable_redirect=True)["body"], {"a": [1, 2.5]})
        self.assertEqual(self.send("/moved", enable_redirect=1)["body"], {"a": [1, 2.5]})
        answer = self.send("/away", enable_redirect=True, raise_error=False)
        self.assertIn("disallowed host: other.localhost", answer["error"]["message"])

    def test_an_evaluation_asks_once(self):
        request = json.dumps({"method": "get", "url": self.url + "/json"})
        self.eval(f"[http.send({request}), http.send({request})]")
        self.assertEqual(len(self.asked), 1)
        request = json.dumps({"method": "get", "url": self.url + "/count"})
        self.eval(f"[http.send({request}), http.send({request})]")
        self.assertEqual(len(self.asked), 3)  # what a cache may not keep is asked again
        ignored = {"method": "get", "url": self.url + "/json", "cache_ignored_headers": ["x"]}
        one, two = ({**ignored, "headers": {"x": value}} for value in "ab")
        self.eval(f"[http.send({json.dumps(one)}), http.send({json.dumps(two)})]")
        self.assertEqual(len(self.asked), 4)

    def test_answers_are_kept_from_file_to_file(self):
        (self.folder / "policy").mkdir(exist_ok=True)
        for field, count in (('"cache": true', 1), ('"force_cache": true, "force_cache_duration_seconds": 30', 1), ('"timeout": "5s"', 2)):
            self.asked.clear()
            (self.folder / "policy/p.rego").write_text(
                f'package main\n\ndeny contains "x" if http.send({{"method": "get", "url": "{self.url}/kept", {field}}}).status_code != 200\n')
            for name in "ab":
                (self.folder / f"{name}.json").write_text("{}")
            subprocess.run([MERLON, "compat", "conftest", "test", "--allow-net", "127.0.0.1", "a.json", "b.json"], cwd=self.folder,
                           check=True, capture_output=True, timeout=60)
            self.assertEqual(len(self.asked), count, field)

    def test_a_server_that_fails_is_asked_again(self):
        self.server.RequestHandlerClass.failures.extend([1, 1])
        self.assertEqual(self.send("/flaky", max_retry_attempts=2)["status_code"], 200)
        self.server.RequestHandlerClass.failures.extend([1, 1])
        self.assertEqual(self.send("/flaky", raise_error=False)["error"]["code"], "eval_http_send_network_error")

    def test_a_server_that_hangs_ends_by_timeout(self):
        begin = time.monotonic()
        self.assertIn("request timed out", self.send("/hangs", timeout="200ms", code=2))
        answer = self.send("/hangs", timeout=200000000, raise_error=False)
        self.assertEqual((answer["status_code"], answer["error"]["code"]), (0, "eval_http_send_network_error"))
        self.assertLess(time.monotonic() - begin, 5)

    def test_the_time_of_a_command_ends_what_it_waits_for(self):
        begin = time.monotonic()
        for fields in ({}, {"raise_error": False}):
            self.assertEqual(self.send("/hangs", flags=("--timeout", "300ms"), strict=False, timeout="30s", code=2, **fields),
                             "http.send: timed out (context deadline exceeded)")
        request = json.dumps({"method": "get", "url": self.url + "/hangs", "timeout": "30s"})
        (self.folder / "hangs.rego").write_text(f"package p\n\ntest_it if http.send({request}).status_code == 200\n")
        done = subprocess.run([MERLON, "compat", "opa", "test", "--allow-net", "127.0.0.1", "--timeout", "300ms", "hangs.rego"],
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("context deadline exceeded", done.stdout)
        self.assertLess(time.monotonic() - begin, 5)

    def test_what_is_interrupted_has_no_answer(self):
        request = {"method": "get", "url": self.url + "/hangs", "timeout": "30s"}
        quiet = json.dumps({**request, "raise_error": False})
        (self.folder / "policy").mkdir(exist_ok=True)
        (self.folder / "policy/p.rego").write_text(f'package main\n\ndeny contains "x" if http.send({quiet}).status_code != 0\n')
        (self.folder / "a.json").write_text("{}")
        for words in (["opa", "eval", f"http.send({json.dumps(request)})"], ["opa", "eval", f"http.send({quiet}).status_code == 0"],
                      ["opa", "eval", f"not http.send({quiet}).status_code == 200"], ["conftest", "test", "a.json"]):
            self.asked.clear()
            words[2:2] = ["--allow-net", "127.0.0.1"]
            with subprocess.Popen([MERLON, "compat", *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
                while not self.asked and run.poll() is None:
                    time.sleep(0.01)
                run.send_signal(signal.SIGINT)
                output, errors = run.communicate(timeout=4)
            self.assertIn("cancelled", output + errors, words)
            self.assertNotIn('"result"', output, words)
            self.assertNotEqual(run.returncode, 0, words)
            if words[0] == "opa":
                self.assertEqual(run.returncode, 2, words)

    def test_what_is_wrong_with_a_request_is_told(self):
        for fields, message in (({"timeout": "x"}, "invalid timeout value"), ({"headers": []}, "invalid type for headers key"),
                                ({"max_retry_attempts": -1}, "invalid value -1 for field"), ({"url": 1}, '"url" must be a string'),
                                ({"force_cache": True}, "force_cache_duration_seconds"), ({"cache": True, "caching_mode": "x"}, "caching_mode"),
                                ({"force_json_decode": "x"}, '"force_json_decode"'), ({"enable_redirect": "x"}, "strconv.ParseBool"),
                                ({"timeout": True}, "'timeout' must be one of {string, number}"), ({"tls_ca_cert": "x"}, "append certificates"),
                                ({"nope": 1}, "invalid request parameters(s)"), ({"raise_error": "x"}, "raise_error"),
                                ({"tls_insecure_skip_verify": "x"}, "strconv.ParseBool")):
            request = {"method": "get", "url": self.url + "/json", **fields}
            self.assertIn(message, self.eval(f"http.send({json.dumps(request)})", code=2), fields)
        answer = self.eval(f'http.send({json.dumps({"method": "get", "url": self.url, "nope": 1, "raise_error": False})})')
        self.assertEqual(answer["error"]["code"], "eval_http_send_internal_error")

    def test_what_would_be_another_request_is_not_sent(self):
        for fields, message in (({"method": "get /q HTTP/1.1\r\nA: b\r\n"}, "net/http: invalid method"), ({"method": "a b"}, 'invalid method "A B"'),
                                ({"headers": {"authorization": "Bearer x\n"}}, 'invalid header field value for "Authorization"'),
                                ({"headers": {"x-a": "\x00"}}, 'value for "X-A"'), ({"headers": {"a b": "x"}}, 'invalid header field name "a b"'),
                                ({"headers": {"": "x"}}, 'invalid header field name ""'), ({"headers": {"a\r\nb": "x"}}, "header field name"),
                                ({"url": self.url + "/a\r\nx: y"}, "invalid control character in URL")):
            request = {"method": "get", "url": self.url + "/json", **fields}
            self.assertIn(message, self.eval(f"http.send({json.dumps(request)})", code=2), fields)
        self.assertEqual(self.asked, [])

    def test_the_headers_that_frame_a_request_are_the_clients(self):
        self.send("/echo", method="post", raw_body="abc", headers={"Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "keep-alive"})
        _, _, headers, body = self.asked[-1]
        self.assertEqual((body, headers["content-length"], headers.get("transfer-encoding")), (b"abc", "3", None))
        self.send("/echo", headers={"x-a": "1", "X-A": "2"})
        self.assertIn(self.asked[-1][2]["x-a"], ("1", "2"))  # one of them: two would be "1, 2" here
        self.assertNotIn("connection", self.send("/json")["headers"])

    def test_headers_are_what_go_sends(self):
        request = f'{{"method": "get", "url": "{self.url}/echo", "headers": {{1: "one", true: "yes", "x-blanks": "  a b\\t ", "x-none": " "}}}}'
        self.eval(f"http.send({request})")
        headers = self.asked[-1][2]
        self.assertEqual((headers["1"], headers["true"], headers["x-blanks"], headers["x-none"]), ("one", "yes", "a b", ""))

    def test_old_forms_of_addresses_are_no_hosts(self):
        port = self.server.server_address[1]
        for host in ("127.1", "0x7f000001", "2130706433", "0177.0.0.1"):
            self.assertIn("no such host", self.send("/json", url=f"http://{host}:{port}", allowed="*", code=2))
            self.assertIn("no such host", self.eval(f'net.lookup_ip_addr("{host}")', allowed="*", code=2))
        self.assertEqual(self.asked, [])

    def test_what_is_watched_is_asked_once(self):
        request = json.dumps({"method": "post", "url": self.url + "/count", "body": {"charge": 1}})
        (self.folder / "once.rego").write_text(
            f"package once\n\na := http.send({request}).status_code\n\ntest_a if a == 500\n\ntest_b if a == 200\n")
        for flag in ("--show-builtin-errors", "--profile", "--coverage", "--explain=full"):
            self.asked.clear()
            words = [MERLON, "compat", "opa", "eval", "--allow-net", "127.0.0.1", "-f", "pretty" if flag.startswith("--explain") else "json"]
            done = subprocess.run([*words, flag, "-d", "once.rego", "data.once.a"], cwd=self.folder, capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, len(self.asked)), (0, 1), flag + done.stdout + done.stderr)
        for flag, count in (("--coverage", 2), ("--explain=full", 2), ("--verbose", 2)):
            self.asked.clear()
            subprocess.run([MERLON, "compat", "opa", "test", "--allow-net", "127.0.0.1", flag, "once.rego"], cwd=self.folder,
                           capture_output=True, timeout=60)
            self.assertEqual(len(self.asked), count, flag)  # once for each of the two tests

    def test_a_function_asks_once_for_equal_arguments(self):
        (self.folder / "f.rego").write_text(
            "package f\n\nask(u, b) := r if {\n\tr := http.send({\"method\": \"post\", \"url\": concat(\"\", [u, \"/count\"]), "
            "\"body\": b}).status_code\n}\n\nrefused(u) := r if {\n\tr := ask(u, 9)\n\tr == 200\n}\n")
        one, other, none = f'data.f.ask("{self.url}", {{"a": [1]}})', f'data.f.ask("{self.url}", 2)', f'data.f.refused("{self.url}")'
        for query, count in ((f"[{one}, {one}, {other}, {one}]", 2), (f"[x | some _ in [1, 2, 3]; x := {one}]", 1),
                             (f"{one} == 500 with input as 1; {one} == 500 with input as 1; {one} == 500", 3),
                             (f"not {none}; not {none}", 1)):
            self.asked.clear()
            done = subprocess.run([MERLON, "policy", "eval", "--allow-net", "127.0.0.1", "-d", "f.rego", query], cwd=self.folder,
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, len(self.asked)), (0, count), query + done.stdout + done.stderr)

    def test_another_request_is_not_answered_from_the_cache(self):
        request = {"method": "get", "url": self.url + "/kept", "cache": True}
        one, other = json.dumps(request), json.dumps({**request, "raise_error": False})
        self.eval(f"[http.send({one}), http.send({one}), http.send({other})]")
        self.assertEqual(len(self.asked), 2)

    def test_answers_are_fresh_for_other_evaluations_as_they_say(self):
        bundle = self.folder / "kept"
        bundle.mkdir(exist_ok=True)
        (bundle / "p.rego").write_text('package p\n\nx := http.send({"method": "get", "url": input.url, "cache": true}).raw_body\n')
        # Once; never; asked about once, and then as the server has said.
        for path, count, bodies in (("/kept", 1, ["1"] * 3), ("/expires", 1, ["1"] * 3), ("/upper", 3, ["1", "2", "3"]), ("/tagged", 2, ["1"] * 3)):
            self.asked.clear()
            for name in ("1.json", "2.json", "3.json"):
                (self.folder / name).write_text(json.dumps({"url": self.url + path}))
            done = subprocess.run([MERLON, "compat", "opa", "exec", "-b", "kept", "--decision", "p/x", "--allow-net", "127.0.0.1", "1.json", "2.json",
                                   "3.json"], cwd=self.folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([one["result"] for one in json.loads(done.stdout)["result"]], bodies, path)
            self.assertEqual(len(self.asked), count, path)

    def test_an_answer_that_ends_early_is_not_asked_for_again(self):
        error = self.send("/cut", max_retry_attempts=2, raise_error=False)["error"]
        self.assertEqual((error["code"], len(self.asked)), ("eval_http_send_internal_error", 1))

    def test_addresses_are_read_as_go_reads_them(self):
        self.assertEqual(self.send("/\u00e9 b")["status_code"], 200)
        self.assertEqual(self.asked[-1][1], "/%C3%A9%20b")
        self.assertEqual(self.send("/json", method="")["status_code"], 200)
        self.assertEqual(self.asked[-1][0], "GET")
        for url, kind, message in ((self.url + "/%zz", "internal", "invalid URL escape"), ("ftp://127.0.0.1/", "network", 'scheme "ftp"'),
                                   ("http:///x", "network", "no Host in request URL"), ("http://127.0.0.1:x/", "internal", "invalid port")):
            error = self.send("", url=url, raise_error=False)["error"]
            self.assertEqual(error["code"], f"eval_http_send_{kind}_error", url)
            self.assertIn(message, error["message"])

    def test_a_port_without_server_is_a_network_error(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        answer = self.send("/", url=f"http://127.0.0.1:{port}", raise_error=False)
        self.assertEqual(answer["error"]["code"], "eval_http_send_network_error")
        self.assertIn(f'Get "http://127.0.0.1:{port}/"', answer["error"]["message"])

    def test_names_are_looked_up_where_it_is_allowed(self):
        self.assertEqual(sorted(self.eval('net.lookup_ip_addr("localhost")', allowed=None)), ["127.0.0.1", "::1"])
        self.assertIn("not allowed", self.eval('net.lookup_ip_addr("name.invalid")', allowed=None, code=2))
        self.assertIn("disallowed host", self.eval('net.lookup_ip_addr("name.invalid")', allowed="a", code=2))


class Tls(Asking):

    def setUp(self):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        self.server = start(self.context)
        self.url = f"https://localhost:{self.server.server_address[1]}"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def send(self, path, url=None, **fields):
        return super().send(path, url, **{"allowed": "localhost", **fields})

    def test_a_certificate_of_nobody_is_not_believed(self):
        answer = self.send("/json", raise_error=False)
        self.assertIn("certificate", answer["error"]["message"])
        self.assertEqual(answer["error"]["code"], "eval_http_send_network_error")

    def test_an_authority_is_named_in_many_ways(self):
        ca = (self.folder / "ca.pem").read_text()
        for fields, variables in (({"tls_ca_cert_file": "ca.pem"}, {}), ({"tls_ca_cert": ca}, {}),
                                  ({"tls_ca_cert": ca.replace("\n", "\\n")}, {}), ({"tls_ca_cert_env_variable": "MY_CA"}, {"MY_CA": ca}),
                                  ({}, {"SSL_CERT_FILE": str(self.folder / "ca.pem")}),
                                  # the server's own certificate, which others have issued
                                  ({"tls_ca_cert_file": "server.pem"}, {})):
            self.assertEqual(self.send("/json", variables=variables, **fields)["status_code"], 200, fields)

    def test_the_certificate_may_be_for_another_name(self):
        trust = {"tls_ca_cert_file": "ca.pem"}
        self.assertEqual(self.send("/json", tls_server_name="named.example", **trust)["status_code"], 200)
        answer = self.send("/json", tls_server_name="other.example", raise_error=False, **trust)
        self.assertIn("other.example", answer["error"]["message"])

    def test_certificates_are_always_verified(self):
        for truth in (True, 1):
            self.assertIn("always verified", self.send("/json", tls_insecure_skip_verify=truth, code=2))
        server = start()  # where there is no certificate there is none to verify
        try:
            answer = self.send("/json", url=f"http://localhost:{server.server_address[1]}", tls_insecure_skip_verify=1)
        finally:
            server.shutdown()
            server.server_close()
        self.assertEqual(answer["status_code"], 200)

    def test_a_common_name_is_no_name_of_a_server(self):
        self.tearDown()
        self.context.load_cert_chain(self.folder / "common.pem", self.folder / "common.key")
        self.server = start(self.context)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        answer = self.send("/json", tls_ca_cert_file="ca.pem", raise_error=False)
        self.assertEqual(answer["error"]["code"], "eval_http_send_network_error")

    def test_a_client_shows_its_certificate(self):
        self.tearDown()
        self.context.load_verify_locations(self.folder / "ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.server = start(self.context)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        trust = {"tls_ca_cert_file": "ca.pem"}
        self.assertIn("error", self.send("/json", raise_error=False, **trust))
        answer = self.send("/json", tls_client_cert_file="client.pem", tls_client_key_file="client.key", **trust)
        self.assertEqual(answer["status_code"], 200)
        pem = {name: (self.folder / f"client.{end}").read_text() for name, end in (("tls_client_cert", "pem"), ("tls_client_key", "key"))}
        self.assertEqual(self.send("/json", **pem, **trust)["status_code"], 200)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=1)
