// http.send and net.lookup_ip_addr (OPA: http.go, net.go): what they ask is asked of the Host, so
// that it is refused by default, recorded and replayed.
//
// A question of the kind "http" is a JSON object: method, url, headers (pairs), body (base64),
// timeout_nanoseconds, follow_redirects, retries, cache_seconds (-1: as the answer says; absent:
// none), cache_key (what it is kept under), and what TLS wants. The answer is one too: status,
// status_code, headers (pairs), body (base64); or network_error, and timed_out where that is why.

#include <algorithm>
#include <charconv>
#include <map>

#include "base/ascii.h"
#include "model/engine.h"
#include "rego/builtins.h"
#include "rego/go_address.h"
#include "rego/go_json.h"
#include "rego/go_time.h"
#include "rego/term.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/yaml.h"

namespace merlon::rego {
namespace {

using value::Value;

constexpr std::int64_t kDefaultTimeoutNanoseconds = 5'000'000'000;
constexpr std::size_t kMaxHeaders = 1'000;

Result<std::string> ask(Context& context, std::string_view kind, std::string_view question) {
    if (context.world.host == nullptr) return Error{"network access is not allowed here"};
    return context.world.host->ask(kind, question);
}

// What was asked of the outside while the run was cancelled is no answer, whatever came.
bool is_cancelled(const Context& context) {
    return context.cancel != nullptr && context.cancel->cancelled();
}
Outcome cancelled(Context& context, const Result<std::string>& told) {
    return context.fail(ErrorKind::kCancel,
                        told.ok() ? "the run was cancelled" : told.error().message);
}

// An address is its own answer.
Outcome lookup(Context& context, Operands operands) {
    // RFC 6761, section 6.3: nobody needs to be asked for these.
    const std::string_view name = operands[0].as_string();
    if (name == "localhost" || name.ends_with(".localhost")) {
        const Value loopback[] = {context.string("127.0.0.1"), context.string("::1")};
        return context.builder.set(loopback);
    }
    if (const auto address = address_in_go_form(name)) {
        const Value text = context.string(*address);
        return context.builder.set({&text, 1});
    }
    const auto answer = ask(context, "dns", name);
    if (is_cancelled(context)) return cancelled(context, answer);
    if (!answer.ok()) return context.error(answer.error().message);
    const auto read = text::read_json(context.builder.arena().copy(answer.value()),
                                      context.builder.arena(), context.builder.interner());
    if (!read.ok() || !read.value().root->is_array()) {
        return context.error("lookup " + std::string(name) + ": no such host");
    }
    std::vector<Value> addresses;
    for (const Value& one : read.value().root->items()) {
        if (!one.is_string()) continue;
        addresses.push_back(context.string(
            address_in_go_form(one.as_string()).value_or(std::string(one.as_string()))));
    }
    return context.builder.set(addresses);
}

// What went wrong, as http.send says it where errors are not to be raised.
struct Failure {
    std::string message;
    bool is_network = false;
    ErrorKind kind = ErrorKind::kBuiltin;  // where it is raised
};

Value failure_value(Context& context, const Failure& failure) {
    value::Builder& values = context.builder;
    const value::Builder::Entry error[] = {
        {values.key("code"), values.string(failure.is_network ? "eval_http_send_network_error"
                                                              : "eval_http_send_internal_error")},
        {values.key("message"), values.string(failure.message)}};
    const value::Builder::Entry entries[] = {{values.key("status_code"), values.integer(0)},
                                             {values.key("error"), values.object(error)}};
    return values.object(entries);
}

// The fields of a request with their kinds checked. The first that is wrong is the failure.
class Request {
  public:
    explicit Request(const Value& request) : request_(request) {}

    const Failure& failure() const { return failure_; }

    std::string text(std::string_view name) {
        const Value* const found = request_.find(name);
        if (found == nullptr) return {};
        if (!found->is_string()) {
            fail("\"" + std::string(name) + "\" must be a string");
            return {};
        }
        std::string_view text = found->as_string();
        while (text.starts_with('"')) text.remove_prefix(1);
        while (text.ends_with('"')) text.remove_suffix(1);
        return std::string(text);
    }
    bool truth(std::string_view name) {
        const Value* const found = request_.find(name);
        if (found == nullptr) return false;
        if (found->is_boolean()) return found->as_boolean();
        fail("invalid value for \"" + std::string(name) + "\" field");
        return false;
    }
    // As Go reads the words of truth: 1 and 0 are some.
    bool go_truth(std::string_view name) {
        const Value* const found = request_.find(name);
        if (found == nullptr) return false;
        if (found->is_boolean()) return found->as_boolean();
        const std::string text = term_text(*found);
        if (text == "1" || text == "0") return text == "1";
        std::string quoted;
        append_go_quoted(quoted, text);
        fail("strconv.ParseBool: parsing " + quoted + ": invalid syntax");
        return false;
    }
    std::int64_t count(std::string_view name) {
        const Value* const found = request_.find(name);
        if (found == nullptr) return 0;
        const auto number = found->is_number() ? found->as_integer() : std::nullopt;
        if (number && *number >= 0) return *number;
        fail("invalid value " + term_text(*found) + " for field \"" + std::string(name) + "\"");
        return 0;
    }
    std::int64_t timeout() {
        const Value* const found = request_.find("timeout");
        if (found == nullptr) return kDefaultTimeoutNanoseconds;
        if (found->is_number()) {
            if (const auto number = found->as_integer()) return *number;
            fail("invalid timeout number value " + term_text(*found) + ", must be int64");
        } else if (found->is_string()) {
            const std::string_view text = found->as_string();
            std::int64_t number = 0;
            const auto [end, failed] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            if (failed == std::errc{} && end == text.data() + text.size()) return number;
            const auto duration = parse_duration(text);
            if (duration.ok()) return duration.value();
            fail("invalid timeout value " + term_text(*found) + ": " + duration.error().message);
        } else {
            fail("operand 1 'timeout' must be one of {string, number} but got " +
                     std::string(kind_name(*found)),
                 ErrorKind::kType);
        }
        return 0;
    }
    // The seconds that an answer is kept for: -1 as its headers say; nothing: not beyond this run.
    std::optional<std::int64_t> cache_seconds() {
        const bool is_cached = truth("cache");
        if (!truth("force_cache"))
            return is_cached ? std::optional<std::int64_t>(-1) : std::nullopt;
        if (request_.find("force_cache_duration_seconds") == nullptr) {
            fail("'force_cache' set but 'force_cache_duration_seconds' parameter is missing");
        }
        return count("force_cache_duration_seconds");
    }
    // How an answer is kept, where it is.
    void check_caching_mode() {
        if (!truth("cache") || truth("force_cache")) return;
        const Value* const found = request_.find("caching_mode");
        if (found == nullptr) return;
        if (!found->is_string()) return fail("invalid value for \"caching_mode\" field");
        const std::string_view mode = found->as_string();
        if (mode == "serialized" || mode == "deserialized") return;
        fail("invalid value specified for \"caching_mode\" field: " + std::string(mode));
    }
    std::string body() {
        if (request_.find("raw_body") != nullptr) return text("raw_body");
        const Value* const found = request_.find("body");
        return found == nullptr ? std::string() : json_text(*found);
    }

    void write_headers(text::JsonWriter& json) {
        const Value* const found = request_.find("headers");
        // Names that differ by their letters' case are one; Go keeps any of them.
        std::map<std::string, std::string_view> fields;
        if (found != nullptr && (!found->is_object() || found->size() > kMaxHeaders)) {
            fail("invalid type for headers key");
        } else if (found != nullptr) {
            for (std::size_t i = 0; i < found->size(); ++i) {
                const Value& name = found->keys()[i];
                const Value& value = found->values()[i];
                if (!value.is_string()) {
                    fail("invalid type for headers value " + term_text(value));
                    continue;
                }
                // A key that is no string is a name by its JSON, as in any object of JSON.
                fields.insert_or_assign(
                    name.is_string() ? lower_case(name.as_string()) : json_text(name),
                    value.as_string());
            }
        }
        json.begin_array();
        for (const auto& [name, value] : fields) {
            json.begin_array().string(name).string(value).end_array();
        }
        json.end_array();
    }

  private:
    void fail(std::string message, ErrorKind kind = ErrorKind::kBuiltin) {
        if (failure_.message.empty()) failure_ = {.message = std::move(message), .kind = kind};
    }

    const Value& request_;
    Failure failure_;
};

constexpr std::string_view kTlsTexts[] = {
    "tls_ca_cert",     "tls_ca_cert_file",     "tls_ca_cert_env_variable",
    "tls_client_cert", "tls_client_cert_file", "tls_client_cert_env_variable",
    "tls_client_key",  "tls_client_key_file",  "tls_client_key_env_variable",
    "tls_server_name"};

// The question for the Host. Where `failure` has a message after it, there is none.
std::string question_of(const Value& asked, std::string_view cache_key, Failure& failure) {
    Request request(asked);
    std::string question;
    text::JsonWriter json(question);
    std::string method = request.text("method");
    for (char& c : method) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    json.begin_object().member("method", method).member("url", request.text("url"));
    json.key("headers");
    request.write_headers(json);
    json.member("body", text::encode_base64(request.body(), text::Base64Alphabet::kStandard));
    json.key("timeout_nanoseconds").integer(request.timeout());
    json.key("follow_redirects").boolean(request.go_truth("enable_redirect"));
    json.key("retries").integer(request.count("max_retry_attempts"));
    if (const auto seconds = request.cache_seconds()) {
        json.key("cache_seconds").integer(*seconds).member("cache_key", cache_key);
    }
    request.check_caching_mode();
    for (const std::string_view name : kTlsTexts) {
        if (const std::string text = request.text(name); !text.empty()) json.member(name, text);
    }
    for (const std::string_view name : {"tls_use_system_certs", "tls_insecure_skip_verify"}) {
        if (request.go_truth(name)) json.key(name).boolean(true);
    }
    // How the answer is read is asked now, so that nothing is sent in vain.
    request.truth("force_json_decode");
    request.truth("force_yaml_decode");
    json.end_object();
    failure = request.failure();
    return question;
}

// "application/json" and "application/…+json".
bool is_json_type(std::string_view type) {
    const std::string media = lower_case(type.substr(0, type.find(';')));
    std::string_view name = media;
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.starts_with("application/")) return false;
    name.remove_prefix(12);
    return name == "json" || name.ends_with("+json");
}

// The body as data, where it is said to be any; null where it is none.
Value decoded_body(Context& context, Request& request, std::string_view body,
                   std::string_view type) {
    const bool is_json = request.truth("force_json_decode") || is_json_type(type);
    const bool is_yaml = request.truth("force_yaml_decode") ||
                         type.find("application/yaml") != std::string_view::npos ||
                         type.find("application/x-yaml") != std::string_view::npos;
    Arena& arena = context.builder.arena();
    if (is_json) {
        // What stands behind the first value is an error of which OPA tells nobody.
        const auto read = read_go_json(body, arena, context.builder.interner(), JsonEnd::kFirst);
        return read.ok() ? read.value() : Value();
    }
    if (!is_yaml) return Value();
    text::YamlOptions options;
    options.schema = text::YamlSchema::kGo;
    options.duplicate_keys = text::DuplicateKeys::kLastWins;
    const auto read = text::read_yaml(body, arena, context.builder.interner(), options);
    const bool has_root = read.ok() && !read.value().empty() && read.value()[0].root != nullptr;
    return has_root ? to_json(*read.value()[0].root, context.builder) : Value();
}

// {"name": ["value", …]}, names in lower case.
Value headers_value(Context& context, const Value* pairs, std::string& type) {
    std::vector<std::pair<std::string, std::vector<Value>>> headers;
    if (pairs != nullptr && pairs->is_array()) {
        for (const Value& pair : pairs->items()) {
            if (!pair.is_array() || pair.size() != 2) continue;
            const Value& name = pair.items()[0];
            const Value& value = pair.items()[1];
            if (!name.is_string() || !value.is_string()) continue;
            const std::string lower = lower_case(name.as_string());
            if (lower == "content-type" && type.empty()) type = value.as_string();
            const auto known =
                std::ranges::find(headers, lower, &decltype(headers)::value_type::first);
            if (known != headers.end()) {
                known->second.push_back(value);
            } else {
                headers.push_back({lower, {value}});
            }
        }
    }
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, values] : headers) {
        entries.emplace_back(context.builder.key(name), context.builder.array(values));
    }
    return context.builder.object(entries);
}

struct Answer {
    Value value;
    bool is_cacheable = false;
};

// Statuses that a cache may keep without being told to (RFC 9110, section 15.1), as OPA has them.
bool is_cacheable(std::int64_t status) {
    constexpr std::int64_t kStatuses[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
    return std::ranges::find(kStatuses, status) != std::end(kStatuses);
}

Outcome failed(Context& context, bool raises, const Failure& failure) {  // NOLINT: a value
    if (raises) return context.fail(failure.kind, failure.message);
    if (failure.is_network) return failure_value(context, failure);
    // OPA hands on what it would have raised.
    const CallPlace place = context.place();
    return failure_value(context,
                         {std::string(place.file) + ":" + std::to_string(place.row) + ": " +
                          std::string(code(failure.kind)) + ": http.send: " + failure.message});
}

// The Host's answer as a policy sees it; nothing where it is none.
std::optional<Answer> answer_of(Context& context, const Value& request, const Value& answer) {
    const Value* const status = answer.find("status");
    const Value* const code = answer.find("status_code");
    const Value* const encoded = answer.find("body");
    if (status == nullptr || code == nullptr || encoded == nullptr || !encoded->is_string()) {
        return std::nullopt;
    }
    const auto body = text::decode_base64(encoded->as_string(), text::Base64Alphabet::kStandard);
    if (!body.ok()) return std::nullopt;
    value::Builder& values = context.builder;
    const std::string_view kept = values.arena().copy(body.value());
    std::string type;
    Request fields(request);
    const Value headers = headers_value(context, answer.find("headers"), type);
    const value::Builder::Entry entries[] = {
        {values.key("status"), *status},
        {values.key("status_code"), *code},
        {values.key("body"), decoded_body(context, fields, kept, type)},
        {values.key("raw_body"), values.string(kept)},
        {values.key("headers"), headers}};
    return Answer{values.object(entries), is_cacheable(code->as_integer().value_or(0))};
}

// The key of an answer within one evaluation: the request without the headers that it says do not
// matter.
Result<std::string> cache_key(Context& context, const Value& request) {
    const Value* const ignored = request.find("cache_ignored_headers");
    const Value* const headers = request.find("headers");
    if (ignored == nullptr || headers == nullptr || !headers->is_object())
        return json_text(request);
    const Error wrong{"cache_ignored_headers must be an array of strings"};
    if (!ignored->is_array()) return wrong;
    for (const Value& name : ignored->items()) {
        if (!name.is_string()) return wrong;
    }
    std::vector<value::Builder::Entry> left;
    for (std::size_t i = 0; i < headers->size(); ++i) {
        const auto names = ignored->items();
        if (std::ranges::find(names, headers->keys()[i]) != names.end()) continue;
        left.emplace_back(headers->keys()[i], headers->values()[i]);
    }
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < request.size(); ++i) {
        if (request.keys()[i] == context.string("cache_ignored_headers")) continue;
        entries.emplace_back(request.keys()[i], request.values()[i]);
    }
    entries.emplace_back(context.builder.key("headers"), context.builder.object(left));
    return json_text(context.builder.object(entries));
}

Outcome send(Context& context, const Value& request, const std::string& key, bool raises) {
    Failure wrong;
    const std::string question = question_of(request, key, wrong);
    if (!wrong.message.empty()) return failed(context, raises, wrong);
    const auto told = ask(context, "http", question);
    if (is_cancelled(context)) return cancelled(context, told);
    if (!told.ok()) return failed(context, raises, {told.error().message});
    Arena& arena = context.builder.arena();
    const auto read = text::read_json(arena.copy(told.value()), arena, context.builder.interner());
    if (!read.ok()) return failed(context, raises, {"the answer of the host is not JSON"});
    const Value& answer = *read.value().root;
    if (const Value* const error = answer.find("network_error"); error != nullptr) {
        const bool is_late = answer.find("timed_out") != nullptr;
        // OPA says it in its own words where the error is raised.
        const Value* const name = is_late && raises ? answer.find("asked") : nullptr;
        std::string message(error->is_string() ? error->as_string() : std::string_view());
        if (name != nullptr && name->is_string()) {
            message = std::string(name->as_string()) + ": request timed out";
        }
        context.remembered["http.send error " + key] = failure_value(context, {message, true});
        return failed(context, raises, {message, true});
    }
    const auto made = answer_of(context, request, answer);
    if (!made) return failed(context, raises, {"the answer of the host is not one"});
    if (!context.can_write(made->value)) return Outcome::error();
    if (made->is_cacheable) context.remembered["http.send " + key] = made->value;
    return made->value;
}

Outcome http_send(Context& context, Operands operands) {
    const Value& request = operands[0];
    const Value* const raise = request.find("raise_error");
    if (raise != nullptr && !raise->is_boolean()) {
        return context.error("invalid value for raise_error field");
    }
    const bool raises = raise == nullptr || raise->as_boolean();
    if (!check_request(context, request)) {
        if (raises) return Outcome::error();
        return failed(context, raises, {context.error_text(), false, ErrorKind::kType});
    }
    const auto key = cache_key(context, request);
    if (!key.ok()) {
        return raises ? context.error(key.error().message)
                      : Outcome(failure_value(context, {key.error().message}));
    }
    const auto known = context.remembered.find("http.send " + key.value());
    if (known != context.remembered.end()) return known->second;
    const auto broken = context.remembered.find("http.send error " + key.value());
    if (broken == context.remembered.end()) return send(context, request, key.value(), raises);
    if (!raises) return broken->second;
    return context.error(std::string(broken->second.find("error")->find("message")->as_string()));
}

constexpr Builtin kHttpBuiltins[] = {
    {"net.lookup_ip_addr", "s", lookup},
    {"http.send", "o", http_send},
};

}  // namespace

bool check_request(Context& context, const Value& request) {
    constexpr std::string_view kKeys[] = {"body",
                                          "cache",
                                          "cache_ignored_headers",
                                          "caching_mode",
                                          "enable_redirect",
                                          "force_cache",
                                          "force_cache_duration_seconds",
                                          "force_json_decode",
                                          "force_yaml_decode",
                                          "headers",
                                          "max_retry_attempts",
                                          "method",
                                          "raise_error",
                                          "raw_body",
                                          "timeout",
                                          "tls_ca_cert",
                                          "tls_ca_cert_env_variable",
                                          "tls_ca_cert_file",
                                          "tls_client_cert",
                                          "tls_client_cert_env_variable",
                                          "tls_client_cert_file",
                                          "tls_client_key",
                                          "tls_client_key_env_variable",
                                          "tls_client_key_file",
                                          "tls_insecure_skip_verify",
                                          "tls_server_name",
                                          "tls_use_system_certs",
                                          "url"};
    std::vector<Value> unknown;
    for (const Value& key : request.keys()) {
        if (!key.is_string() || std::ranges::find(kKeys, key.as_string()) == std::end(kKeys)) {
            unknown.push_back(key);
        }
    }
    std::vector<Value> missing;
    for (const std::string_view required : {"method", "url"}) {
        if (request.find(required) == nullptr) missing.push_back(context.string(required));
    }
    if (unknown.empty() && missing.empty()) return true;
    const std::string_view what = unknown.empty() ? "missing required" : "invalid";
    static_cast<void>(
        context.type_error("operand 1 " + std::string(what) + " request parameters(s): " +
                           term_text(context.builder.set(unknown.empty() ? missing : unknown))));
    return false;
}

std::span<const Builtin> http_builtins() { return kHttpBuiltins; }

}  // namespace merlon::rego
