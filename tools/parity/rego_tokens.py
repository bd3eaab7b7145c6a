"""Keys, certificates and tokens for rego_operands.py, made with openssl when they are first needed."""

import base64
import functools
import hashlib
import hmac
import json
import os
import subprocess
import tempfile

SECRET = "word"
RSA, PSS, EC = (
    ("RS256", "RS384", "RS512"), ("PS256", "PS384", "PS512"),
    (("ES256", "P-256", 32), ("ES384", "P-384", 48), ("ES512", "P-521", 66)),
)


def openssl(*words, given=b""):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der, size):
    """R and S of ECDSA, one behind the other."""
    at = 3 if der[1] & 0x80 else 2
    parts = []
    for _ in range(2):
        length = der[at + 1]
        parts.append(int.from_bytes(der[at + 2 : at + 2 + length], "big").to_bytes(size, "big"))
        at += 2 + length
    return b"".join(parts)


class Keys:
    """Private keys, their public keys, certificates and signed tokens."""

    def __init__(self, folder):
        self.folder, self.tokens, self.private, self.public, self.certificates = folder, [], [], [], []
        self.request = b""
        self.make("rsa", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        for _, curve, _ in EC:
            self.make(curve, ["genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}"])
        self.make("ed", ["genpkey", "-algorithm", "ED25519"])
        self.private.append(openssl("rsa", "-in", self.path("rsa"), "-traditional"))
        self.der = {one: openssl("x509", "-outform", "DER", given=one) for one in self.certificates}
        self.request = openssl(
            "req", "-new", "-key", self.path("rsa"), "-subj", "/CN=request.example/O=Ö", "-addext",
            "subjectAltName=DNS:a.example,IP:1.2.3.4,email:a@b.example,URI:http://x",
        )
        for payload in (
            {"iss": "me", "aud": "you", "exp": 1_800_000_000, "nbf": 1_600_000_000}, {"exp": 1_500_000_000},
            {"aud": ["you", "b"], "n": 1.5, "s": "é"}, {}, {"nbf": 1_800_000_000},
        ):
            self.sign(payload)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, name, words):
        key = openssl(*words)
        with open(self.path(name), "wb") as file:
            file.write(key)
        self.private.append(key)
        self.public.append(openssl("pkey", "-pubout", given=key))
        self.certificates.append(
            openssl(
                "req", "-x509", "-new", "-key", self.path(name), "-days", "3650", "-subj",
                f"/C=DE/O=Örg/CN={name}.example", "-addext", "keyUsage=digitalSignature,keyCertSign", "-addext",
                "subjectAltName=DNS:*.example,IP:::1",
            )
        )

    def sign(self, payload):
        body = encode(json.dumps(payload).encode())

        def add(algorithm, signer, **more):
            message = f"{encode(json.dumps({'alg': algorithm, **more}).encode())}.{body}"
            self.tokens.append(f"{message}.{encode(signer(message.encode()))}")

        for bits in ("256", "384", "512"):
            add(
                "HS" + bits,
                lambda message, b=bits: hmac.new(SECRET.encode(), message, getattr(hashlib, "sha" + b)).digest(),
                typ="JWT",
            )
            digest = ["dgst", "-sha" + bits, "-sign"]
            add("RS" + bits, lambda message, d=digest: openssl(*d, self.path("rsa"), given=message))
            pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
            add("PS" + bits, lambda message, d=digest: openssl(*d, self.path("rsa"), *pss, given=message))
        for algorithm, curve, size in EC:
            digest = "-sha" + algorithm[2:]
            add(
                algorithm,
                lambda message, c=curve, d=digest, s=size: raw_signature(
                    openssl("dgst", d, "-sign", self.path(c), given=message), s
                ),
                kid="k",
            )
        add("none", lambda message: b"")

    @functools.cached_property
    def key_set(self):
        """The RSA and P-256 keys as JWK, by way of their text."""
        modulus = openssl("rsa", "-pubin", "-noout", "-modulus", given=self.public[0]).decode().strip().split("=")[1]
        point = openssl("pkey", "-pubin", "-pubout", "-outform", "DER", given=self.public[1])[-64:]
        return {
            "keys": [
                {"kty": "RSA", "n": encode(bytes.fromhex(modulus)), "e": "AQAB", "kid": "r"},
                {
                    "kty": "EC", "crv": "P-256", "x": encode(point[:32]), "y": encode(point[32:]), "kid": "k",
                    "alg": "ES256",
                },
            ]
        }


@functools.cache
def keys():
    with tempfile.TemporaryDirectory() as folder:
        return Keys(folder)


def generators(mutated, one_of, groups, anything, text):
    """By function; the arguments are rego_operands' own."""
    base = "ABCabc019+/=-_.\n"

    def pool(choose):
        return lambda rng: choose(rng) if rng.random() < 0.7 else mutated(rng, choose(rng), base)

    def decoded(data):
        return data.decode()

    token = pool(lambda rng: rng.choice(keys().tokens))
    private = pool(lambda rng: decoded(rng.choice(keys().private)))
    public = pool(
        lambda rng: rng.choice(
            [decoded(one) for one in keys().public + keys().certificates]
            + [json.dumps(keys().key_set), json.dumps(keys().key_set["keys"][0]), SECRET]
        )
    )

    def chain(rng):
        chosen = [rng.choice(keys().certificates) for _ in range(rng.randrange(1, 3))]
        made = b"".join(chosen)
        if rng.random() < 0.3:
            made = b"".join(keys().der[one] for one in chosen)
        kind = rng.random()
        return decoded(made) if kind < 0.4 and made.startswith(b"---") else base64.b64encode(made).decode()

    certificates = pool(chain)

    def constraints(rng):
        made = {}
        for key, choices in (
            ("secret", (SECRET, "other", 1)), ("cert", (public(rng),)),
            ("alg", ("HS256", "RS256", "ES256", "none", "XX", 1)), ("iss", ("me", "other")),
            ("aud", ("you", "x", ["you"])), ("time", (1_700_000_000_000_000_000, 0, 1e300, "x")), ("what", (1,)),
        ):
            if rng.random() < (0.05 if key == "what" else 0.4):
                made[key] = rng.choice(choices)
        return made

    def signing(rng):
        header = rng.choice(
            (
                {"alg": "HS256", "typ": "JWT"}, {"alg": "HS512"}, {"alg": "RS256"}, {"alg": "none"}, {"alg": 1}, {},
                {"alg": "HS256", "x": "é<"}, {"typ": "JWT"},
            )
        )
        payload = rng.choice(({"a": 1, "b": [1, 2.50, "é"]}, {}, {"<": "&"}, {"exp": 1_800_000_000}))
        key = rng.choice(
            (
                {"kty": "oct", "k": encode(b"word")}, {"kty": "oct", "k": "!"}, {"kty": "RSA"}, {}, {"kty": 1},
                {"kty": "oct"},
            )
        )
        return [header, payload, key]

    def signing_raw(rng):
        return [mutated(rng, json.dumps(one)) for one in signing(rng)]

    made = {
        "io.jwt.decode": groups(token), "io.jwt.decode_verify": groups(token, constraints),
        "io.jwt.encode_sign": signing, "io.jwt.encode_sign_raw": signing_raw,
        "crypto.x509.parse_certificates": groups(certificates),
        "crypto.x509.parse_and_verify_certificates": groups(certificates),
        "crypto.x509.parse_and_verify_certificates_with_options": groups(
            certificates,
            one_of(
                lambda rng: {"CurrentTime": 1_900_000_000_000_000_000}, lambda rng: {"DNSName": "a.example"},
                lambda rng: {"DNSName": "b"}, lambda rng: {"KeyUsages": ["KeyUsageAny"]},
                lambda rng: {"KeyUsages": ["x"]}, lambda rng: {"MaxConstraintComparisons": 5}, lambda rng: {"x": 1},
                lambda rng: {},
            ),
        ),
        "crypto.x509.parse_certificate_request": groups(
            pool(
                lambda rng: decoded(keys().request) if rng.random() < 0.5 else base64.b64encode(keys().request).decode()
            )
        ),
        "crypto.x509.parse_keypair": groups(certificates, private),
        "crypto.x509.parse_rsa_private_key": groups(private), "crypto.parse_private_keys": groups(private),
    }
    for bits in ("256", "384", "512"):
        made["io.jwt.verify_hs" + bits] = groups(token, one_of(SECRET, SECRET, "other", ""))
        for kind in ("rs", "ps", "es"):
            made[f"io.jwt.verify_{kind}{bits}"] = groups(token, public)
    made["io.jwt.verify_eddsa"] = groups(token, public)
    return made
