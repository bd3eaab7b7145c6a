#include "compat/opa/releases.h"

#include <algorithm>

#include "rego/syntax/builtin_table.h"

namespace merlon::compat::opa {
namespace {

// Nothing was ever taken away.
constexpr Release kReleases[] = {
    {"v0.17.0",
     "abs all and any array.concat array.slice assign base64.decode base64.encode "
     "base64url.decode base64url.encode cast_array cast_boolean cast_null cast_object "
     "cast_set cast_string concat contains count crypto.md5 crypto.sha1 crypto.sha256 "
     "crypto.x509.parse_certificates div endswith eq equal format_int glob.match "
     "glob.quote_meta gt gte http.send indexof intersection io.jwt.decode "
     "io.jwt.decode_verify io.jwt.encode_sign io.jwt.encode_sign_raw "
     "io.jwt.verify_es256 io.jwt.verify_hs256 io.jwt.verify_ps256 io.jwt.verify_rs256 "
     "is_array is_boolean is_null is_number is_object is_set is_string json.filter "
     "json.marshal json.unmarshal lower lt lte max min minus mul neq net.cidr_contains "
     "net.cidr_expand net.cidr_intersects net.cidr_overlap object.get opa.runtime or "
     "plus product re_match regex.find_all_string_submatch_n regex.find_n "
     "regex.globs_match regex.split regex.template_match rego.parse_module rem replace "
     "round set_diff sort split sprintf startswith strings.replace_n substring sum "
     "time.clock time.date time.now_ns time.parse_duration_ns time.parse_ns "
     "time.parse_rfc3339_ns time.weekday to_number trace trim trim_left trim_prefix "
     "trim_right trim_space trim_suffix type_name union units.parse_bytes upper "
     "urlquery.decode urlquery.encode urlquery.encode_object walk yaml.marshal "
     "yaml.unmarshal"},
    {"v0.17.1", ""},
    {"v0.17.2", "object.filter object.remove object.union"},
    {"v0.17.3", ""},
    {"v0.18.0", "bits.and bits.lsh bits.negate bits.or bits.rsh bits.xor json.remove"},
    {"v0.19.0-rc1", "net.cidr_contains_matches"},
    {"v0.19.0", "time.add_date"},
    {"v0.19.1", ""},
    {"v0.19.2", ""},
    {"v0.20.0",
     "graph.reachable io.jwt.verify_es384 io.jwt.verify_es512 io.jwt.verify_hs384 "
     "io.jwt.verify_hs512 io.jwt.verify_ps384 io.jwt.verify_ps512 io.jwt.verify_rs384 "
     "io.jwt.verify_rs512 uuid.rfc4122"},
    {"v0.20.1", ""},
    {"v0.20.2", ""},
    {"v0.20.3", ""},
    {"v0.20.4", ""},
    {"v0.20.5", ""},
    {"v0.21.0", "crypto.x509.parse_certificate_request"},
    {"v0.21.1", ""},
    {"v0.22.0", "numbers.range semver.compare semver.is_valid"},
    {"v0.23.0", "regex.is_valid regex.match"},
    {"v0.23.1", ""},
    {"v0.23.2", ""},
    {"v0.24.0", "base64.is_valid net.cidr_merge urlquery.decode_object"},
    {"v0.25.0-rc1", "json.is_valid yaml.is_valid"},
    {"v0.25.0-rc2", "base64url.encode_no_pad hex.decode hex.encode"},
    {"v0.25.0-rc3", ""},
    {"v0.25.0-rc4", ""},
    {"v0.25.0", "json.patch"},
    {"v0.25.1", ""},
    {"v0.25.2", ""},
    {"v0.26.0", "ceil floor"},
    {"v0.27.0", ""},
    {"v0.27.1", ""},
    {"v0.28.0", "time.diff"},
    {"v0.29.0", ""},
    {"v0.29.1", ""},
    {"v0.29.2", ""},
    {"v0.29.3", ""},
    {"v0.29.4", ""},
    {"v0.30.0", ""},
    {"v0.30.1", ""},
    {"v0.30.2", ""},
    {"v0.31.0", "crypto.x509.parse_and_verify_certificates rand.intn"},
    {"v0.32.0", ""},
    {"v0.32.1", ""},
    {"v0.33.0", "crypto.x509.parse_rsa_private_key"},
    {"v0.33.1", ""},
    {"v0.34.0", "internal.member_2 internal.member_3 internal.print print"},
    {"v0.34.1", ""},
    {"v0.34.2", ""},
    {"v0.35.0", "net.lookup_ip_addr"},
    {"v0.36.0",
     "array.reverse crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 "
     "crypto.hmac.sha512 strings.reverse"},
    {"v0.36.1", ""},
    {"v0.37.0", "graph.reachable_paths indexof_n object.union_n"},
    {"v0.37.1", ""},
    {"v0.37.2", ""},
    {"v0.38.0", ""},
    {"v0.38.1", ""},
    {"v0.39.0", ""},
    {"v0.40.0", "rego.metadata.chain rego.metadata.rule"},
    {"v0.41.0",
     "graphql.is_valid graphql.parse graphql.parse_and_verify graphql.parse_query "
     "graphql.parse_schema units.parse"},
    {"v0.42.0", "object.subset"},
    {"v0.42.1", ""},
    {"v0.42.2", ""},
    {"v0.43.0", ""},
    {"v0.43.1", ""},
    {"v0.44.0", "strings.any_prefix_match strings.any_suffix_match"},
    {"v0.45.0", "regex.replace"},
    {"v0.46.0", "graphql.schema_is_valid net.cidr_is_valid"},
    {"v0.46.1", ""},
    {"v0.46.2", ""},
    {"v0.46.3", ""},
    {"v0.47.0", "object.keys providers.aws.sign_req"},
    {"v0.47.1", ""},
    {"v0.47.2", ""},
    {"v0.47.3", ""},
    {"v0.47.4", ""},
    {"v0.48.0", "time.format"},
    {"v0.49.0", ""},
    {"v0.49.1", ""},
    {"v0.49.2", ""},
    {"v0.50.0", "json.match_schema json.verify_schema"},
    {"v0.50.1", ""},
    {"v0.50.2", ""},
    {"v0.51.0", ""},
    {"v0.52.0", "crypto.hmac.equal"},
    {"v0.53.0", "crypto.x509.parse_keypair"},
    {"v0.53.1", ""},
    {"v0.54.0", ""},
    {"v0.55.0", "crypto.parse_private_keys"},
    {"v0.56.0", "numbers.range_step"},
    {"v0.57.0", "uuid.parse"},
    {"v0.57.1", ""},
    {"v0.58.0", ""},
    {"v0.59.0", "strings.render_template"},
    {"v0.60.0", ""},
    {"v0.61.0", ""},
    {"v0.62.0", ""},
    {"v0.62.1", ""},
    {"v0.63.0", "crypto.x509.parse_and_verify_certificates_with_options"},
    {"v0.64.0", "json.marshal_with_options"},
    {"v0.64.1", ""},
    {"v0.65.0", ""},
    {"v0.66.0", ""},
    {"v0.67.0", "strings.count"},
    {"v0.67.1", ""},
    {"v0.68.0", ""},
    {"v0.69.0", ""},
    {"v0.70.0", ""},
    {"v1.0.0", ""},
    {"v1.0.1", ""},
    {"v1.1.0", ""},
    {"v1.2.0", "internal.test_case"},
    {"v1.3.0", ""},
    {"v1.4.0", ""},
    {"v1.4.1", ""},
    {"v1.4.2", ""},
    {"v1.5.0", ""},
    {"v1.5.1", ""},
    {"v1.6.0", ""},
    {"v1.7.0", ""},
    {"v1.8.0", "io.jwt.verify_eddsa"},
    {"v1.9.0", ""},
    {"v1.10.0", ""},
    {"v1.11.0", ""},
    {"v1.11.1", ""},
    {"v1.12.0", "internal.template_string"},
    {"v1.12.1", ""},
    {"v1.12.2", ""},
    {"v1.12.3", ""},
    {"v1.13.0", "array.flatten"},
    {"v1.13.1", ""},
    {"v1.13.2", ""},
    {"v1.14.0", ""},
    {"v1.14.1", ""},
    {"v1.15.0", ""},
    {"v1.15.1", ""},
    {"v1.16.0", "uri.is_valid uri.parse"},
    {"v1.16.1", ""},
    {"v1.16.2", ""},
    {"v1.17.0", ""},
    {"v1.17.1", ""},
    {"v1.18.0", ""},
    {"v1.18.1", ""},
    {"v1.18.2", ""},
    {"v1.19.0", "strings.split_n"},
    {"v1.19.1", ""},
    {"v1.20.0", ""},
    {"v1.20.1", ""},
    {"v1.20.2", ""},
    {"v1.21.0", ""},
    {"v1.21.1", ""},
    {"v1.21.2", ""},
    {"v1.21.3", ""},
    {"v1.21.4", ""},
    {"v1.22.0", ""},
    {"v1.22.1", ""},
    {"v1.22.2", ""},
};

// Declarations that were others before a release.
struct Earlier {
    std::string_view before;
    rego::compiler::Declaration declaration;
};

constexpr std::string_view kKeys =
    "object: object[any: any]; keys: any<array[any], object[any: any], set[any]>";
constexpr std::string_view kPaths =
    "object: object[any: any]; paths: any<array[any<string, array[any]>], set[any<string, "
    "array[any]>]>";

constexpr Earlier kEarlier[] = {
    {"v0.43.0", {"glob.match", "string; array[string]; string", "boolean"}},
    {"v0.43.0", {"type_name", "any<any>", "string"}},
    {"v0.45.0", {"graphql.is_valid", "string; string", "boolean"}},
    {"v0.45.0", {"graphql.parse", "string; string", "array<object[any: any], object[any: any]>"}},
    {"v0.45.0",
     {"graphql.parse_and_verify", "string; string",
      "array<boolean, object[any: any], object[any: any]>"}},
    {"v1.19.0", {"json.filter", kPaths, "any"}},
    {"v1.19.0", {"json.remove", kPaths, "any"}},
    {"v1.19.0", {"object.filter", kKeys, "any"}},
    {"v1.19.0", {"object.remove", kKeys, "any"}},
    {"v1.19.0",
     {"object.subset",
      "any<array[any], object[any: any], set[any]>; any<array[any], object[any: any], set[any]>",
      "any"}},
    {"v1.19.0", {"object.union", "object[any: any]; object[any: any]", "any"}},
    {"v1.19.0", {"object.union_n", "array[object[any: any]]", "any"}},
};

struct Nondeterministic {
    std::string_view builtin;
    std::string_view since;
};
constexpr std::string_view kSaid = "v0.44.0";  // the first release that says it of any
constexpr Nondeterministic kNondeterministic[] = {
    {"http.send", kSaid},
    {"io.jwt.decode_verify", kSaid},
    {"io.jwt.encode_sign", kSaid},
    {"io.jwt.encode_sign_raw", kSaid},
    {"json.match_schema", "v1.21.0"},
    {"json.verify_schema", "v1.21.0"},
    {"net.lookup_ip_addr", kSaid},
    {"opa.runtime", kSaid},
    {"rand.intn", kSaid},
    {"time.now_ns", kSaid},
    {"uuid.rfc4122", kSaid},
};

bool is_word_of(std::string_view word, std::string_view words) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

}  // namespace

std::span<const Release> releases() { return kReleases; }

std::optional<std::size_t> find_release(std::string_view version) {
    const auto* const found = std::ranges::find(kReleases, version, &Release::version);
    if (found == std::end(kReleases)) return std::nullopt;
    return static_cast<std::size_t>(found - std::begin(kReleases));
}

bool ReleaseFacts::is_since(std::string_view version) const {
    return !place_ || *place_ >= find_release(version);
}

bool ReleaseFacts::has(std::string_view builtin) const {
    if (!place_) return true;
    return std::ranges::any_of(std::span(kReleases).first(*place_ + 1), [&](const Release& one) {
        return is_word_of(builtin, one.builtins);
    });
}

rego::compiler::Declaration ReleaseFacts::declaration(
    const rego::compiler::Declaration& newest) const {
    for (const Earlier& one : kEarlier) {
        if (one.declaration.name == newest.name && !is_since(one.before)) return one.declaration;
    }
    return newest;
}

bool ReleaseFacts::is_nondeterministic(std::string_view builtin) const {
    return std::ranges::any_of(kNondeterministic, [&](const Nondeterministic& one) {
        return one.builtin == builtin && is_since(one.since);
    });
}

bool ReleaseFacts::is_deprecated(std::string_view builtin) const {
    constexpr std::string_view kFirst = "v1.11.0";
    return is_since(kFirst) && rego::syntax::is_deprecated_builtin(builtin);
}

}  // namespace merlon::compat::opa
