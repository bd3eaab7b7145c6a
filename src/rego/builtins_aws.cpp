#include <algorithm>
#include <charconv>
#include <map>

#include "base/ascii.h"
#include "base/hex.h"
#include "crypto/jose_key.h"
#include "rego/builtins.h"
#include "rego/go_format.h"
#include "rego/go_time.h"
#include "rego/go_url.h"
#include "rego/number.h"
#include "rego/term.h"

// AWS Signature Version 4 for requests (OPA: providers.go; the algorithm is in AWS's
// "Authenticating Requests", sections 1 to 4).

namespace merlon::rego {
namespace {

using crypto::HashName;
using value::Value;

std::string text_member(const Value& object, std::string_view name) {
    const Value* found = object.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

// What a URL says of its host, and the path and query as they are written.
struct Target {
    std::string host;
    std::string path;
    std::string query;
};

// net/url's EscapedPath: as it is written, where that is an encoding; else escaped anew.
std::string escaped_path(std::string_view written) {
    const auto is_plain = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos;
    };
    const bool is_encoded = std::ranges::all_of(written, [&](char c) {
        return is_plain(c) || std::string_view("!'()*[]%").find(c) != std::string_view::npos;
    });
    if (is_encoded) return std::string(written);
    std::string escaped;
    for (std::size_t i = 0; i < written.size(); ++i) {
        auto byte = static_cast<unsigned char>(written[i]);
        if (byte == '%' && i + 2 < written.size()) {
            std::from_chars(written.data() + i + 1, written.data() + i + 3, byte, 16);
            i += 2;
        }
        if (is_plain(static_cast<char>(byte))) {
            escaped += static_cast<char>(byte);
            continue;
        }
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        escaped += '%';
        escaped += kDigits[byte >> 4];
        escaped += kDigits[byte & 15];
    }
    return escaped;
}

Target target_of(std::string_view url) {
    Target target;
    url = url.substr(0, url.find('#'));
    if (const std::size_t query = url.find('?'); query != std::string_view::npos) {
        target.query = url.substr(query + 1);
        url = url.substr(0, query);
    }
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) {
        target.path = url;
        return target;
    }
    url.remove_prefix(scheme + 3);
    const std::size_t slash = std::min(url.find('/'), url.size());
    std::string_view authority = url.substr(0, slash);
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos) {
        authority.remove_prefix(user + 1);
    }
    target.host = authority;
    target.path = escaped_path(url.substr(slash));
    return target;
}

struct Credentials {
    std::string access_key, secret_key, region, service, session_token;
};

// What is signed of a request, beside its headers.
struct Request {
    std::string method;
    Target target;
    std::string content_hash;
};

std::string authorization(const Credentials& credentials, const Request& request,
                          const std::map<std::string, std::string>& headers,
                          std::string_view moment) {
    const std::string day(moment.substr(0, 8));
    std::string canonical =
        request.method + "\n" + request.target.path + "\n" + request.target.query + "\n";
    std::string names;
    for (const auto& [name, value] : headers) {
        canonical += name + ":" + value + "\n";
        if (!names.empty()) names += ';';
        names += name;
    }
    canonical += "\n" + names + "\n" + request.content_hash;
    const std::string scope =
        day + "/" + credentials.region + "/" + credentials.service + "/aws4_request";
    const std::string message = "AWS4-HMAC-SHA256\n" + std::string(moment) + "\n" + scope + "\n" +
                                to_hex(crypto::hash(HashName::kSha256, canonical));
    std::string key = "AWS4" + credentials.secret_key;
    for (const std::string& part :
         {day, credentials.region, credentials.service, std::string("aws4_request")}) {
        key = crypto::hmac(HashName::kSha256, key, part);
    }
    return "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + "/" + scope +
           ",SignedHeaders=" + names +
           ",Signature=" + to_hex(crypto::hmac(HashName::kSha256, key, message));
}

constexpr std::string_view kRequired[] = {"aws_access_key", "aws_region", "aws_secret_access_key",
                                          "aws_service"};

// False after an error: a required parameter is missing, or is no string.
bool check_configuration(Context& context, const Value& configuration) {
    std::vector<Value> missing;
    std::vector<Value> invalid;
    for (const std::string_view name : kRequired) {
        const Value* found = configuration.find(name);
        if (found == nullptr) missing.push_back(context.string(name));
        if (found != nullptr && !found->is_string()) invalid.push_back(context.string(name));
    }
    if (missing.empty() && invalid.empty()) return true;
    const std::string_view what =
        missing.empty() ? "invalid values for required" : "missing required";
    static_cast<void>(
        context.type_error("operand 2 " + std::string(what) + " AWS config parameters(s): " +
                           term_text(context.builder.set(missing.empty() ? invalid : missing))));
    return false;
}

// False after an error: the method or the address is no string.
bool check_texts(Context& context, const Value& request) {
    std::vector<Value> invalid;
    for (const std::string_view name : {"method", "url"}) {
        if (!request.find(name)->is_string()) invalid.push_back(context.string(name));
    }
    if (invalid.empty()) return true;
    static_cast<void>(
        context.type_error("operand 1 invalid values for required request parameters(s): " +
                           term_text(context.builder.set(invalid))));
    return false;
}

std::string body_of(Context& context, const Value& request) {
    if (request.find("raw_body") != nullptr) return text_member(request, "raw_body");
    const Value* body = request.find("body");
    return body == nullptr ? "" : json_text(to_json(*body, context.builder));
}

Outcome sign_request(Context& context, Operands operands) {
    const Value& request = operands[0];
    const Value& configuration = operands[1];
    // OPA calls it operand 1.
    if (!configuration.is_object()) return context.wrong_kind(1, configuration, {"object"});
    if (!check_configuration(context, configuration)) return Outcome::error();
    if (!operands[2].is_number()) return context.wrong_kind(1, operands[2], {"number"});
    const auto nanoseconds = written_integer(operands[2]);
    if (!nanoseconds) {
        return context.type_error(
            "operand 3 could not convert time_ns value into a unix timestamp");
    }
    if (!check_request(context, request)) return Outcome::error();
    const Value* given = request.find("headers");
    if (given != nullptr && !given->is_object()) return context.wrong_kind(0, *given, {"object"});
    if (!check_texts(context, request)) return Outcome::error();
    const auto url = parse_url(text_member(request, "url"));
    if (!url.ok()) return context.error(url.error().message);
    const Value* unsigned_body = configuration.find("disable_payload_signing");
    if (unsigned_body != nullptr && !unsigned_body->is_boolean()) {
        return context.type_error(
            "operand 2 invalid value for 'disable_payload_signing' in AWS config");
    }
    const bool signs_body = unsigned_body == nullptr || !unsigned_body->as_boolean();
    const Credentials credentials{.access_key = text_member(configuration, "aws_access_key"),
                                  .secret_key = text_member(configuration, "aws_secret_access_key"),
                                  .region = text_member(configuration, "aws_region"),
                                  .service = text_member(configuration, "aws_service"),
                                  .session_token = text_member(configuration, "aws_session_token")};
    const std::string moment =
        format_time(civil_time(instant_of(*nanoseconds), Zone()), "20060102T150405Z");
    const Request signed_request{
        .method = text_member(request, "method"),
        .target = target_of(text_member(request, "url")),
        .content_hash = signs_body
                            ? to_hex(crypto::hash(HashName::kSha256, body_of(context, request)))
                            : "UNSIGNED-PAYLOAD"};

    std::map<std::string, std::string> added = {{"host", signed_request.target.host},
                                                {"x-amz-date", moment}};
    if (credentials.service == "s3" || credentials.service == "glacier") {
        added["x-amz-content-sha256"] = signed_request.content_hash;
    }
    if (!credentials.session_token.empty()) {
        added["x-amz-security-token"] = credentials.session_token;
    }
    std::map<std::string, std::string> to_sign = added;
    std::vector<value::Builder::Entry> headers;
    for (std::size_t i = 0; given != nullptr && i < given->size(); ++i) {
        const Value& key = given->keys()[i];
        const Value& value = given->values()[i];
        const std::string name = key.is_string() ? std::string(key.as_string()) : "";
        const std::string text = value.is_string() ? std::string(value.as_string()) : "";
        headers.emplace_back(context.string(name), context.string(text));
        const std::string lower(go_lower(name));
        const bool is_ignored =
            lower == "authorization" || lower == "user-agent" || lower == "x-amzn-trace-id";
        if (!is_ignored) to_sign[lower] = text;
    }
    headers.emplace_back(
        context.string("Authorization"),
        context.string(authorization(credentials, signed_request, to_sign, moment)));
    for (const auto& [name, value] : added) {
        headers.emplace_back(context.string(name), context.string(value));
    }
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < request.size(); ++i) {
        entries.emplace_back(request.keys()[i], request.values()[i]);
    }
    entries.emplace_back(context.string("headers"), context.builder.object(headers));
    return context.builder.object(entries);
}

constexpr Builtin kAwsBuiltins[] = {{"providers.aws.sign_req", "ovv", sign_request}};

}  // namespace

std::span<const Builtin> aws_builtins() { return kAwsBuiltins; }

}  // namespace merlon::rego
