#include "compat/opa/policy_host.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <thread>

#include "base/ascii.h"
#include "base/assert.h"
#include "base/file.h"
#include "compat/opa/answer_freshness.h"
#include "net/http_url.h"
#include "rego/go_url.h"
#include "rego/term.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::uint64_t kMaxAskedFileBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxBodyBytes = std::uint64_t{64} << 20;

std::string asked_text_of(const Value& object, std::string_view name) {
    const Value* const found = object.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}
bool is_asked(const Value& object, std::string_view name) {
    const Value* const found = object.find(name);
    return found != nullptr && found->is_boolean() && found->as_boolean();
}
std::optional<std::int64_t> asked_number(const Value& object, std::string_view name) {
    const Value* const found = object.find(name);
    return found == nullptr || !found->is_number() ? std::nullopt : found->as_integer();
}

// "Get \"http://host/\"": how Go names what failed.
std::string asked_text(const net::HttpRequest& request) {
    std::string method = lower_case(request.method);
    if (!method.empty() && method[0] >= 'a') method[0] = static_cast<char>(method[0] - 'a' + 'A');
    return method + " \"" + net::without_credentials(request.url) + "\"";
}

// [["name", "value"], …]
std::vector<net::HeaderField> fields_of(const Value& object) {
    std::vector<net::HeaderField> fields;
    const Value* const pairs = object.find("headers");
    if (pairs == nullptr || !pairs->is_array()) return fields;
    for (const Value& pair : pairs->items()) {
        const bool is_pair = pair.is_array() && pair.size() == 2 && pair.items()[0].is_string() &&
                             pair.items()[1].is_string();
        if (!is_pair) continue;
        fields.push_back(
            {std::string(pair.items()[0].as_string()), std::string(pair.items()[1].as_string())});
    }
    return fields;
}

enum class Late : unsigned char { kNo, kYes };
std::string failure_text(const net::HttpRequest& request, const std::string& failure, Late late) {
    std::string name = asked_text(request);
    std::string text;
    text::JsonWriter json(text);
    json.begin_object().member("network_error", name + ": " + failure);
    std::erase(name, '"');
    json.member("asked", name);
    if (late == Late::kYes) json.key("timed_out").boolean(true);
    json.end_object();
    return text;
}

// PEM of the request itself, of a file, or of a variable. In the first, "\n" may be written out.
Result<std::string> pem_of(const Value& request, const std::string& name, const Outside& outside) {
    constexpr std::uint64_t kMaxPemBytes = std::uint64_t{1} << 20;
    if (const std::string file = asked_text_of(request, name + "_file"); !file.empty()) {
        return read_text_file(file, kMaxPemBytes);
    }
    if (const std::string variable = asked_text_of(request, name + "_env_variable");
        !variable.empty()) {
        return outside.variable(variable).value_or("");
    }
    std::string text = asked_text_of(request, name);
    for (std::size_t at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at)) {
        text.replace(at, 2, "\n");
    }
    return text;
}

bool names_authorities(const Value& request) {
    return std::ranges::any_of(
        std::array{"tls_ca_cert", "tls_ca_cert_file", "tls_ca_cert_env_variable"},
        [&request](const char* name) { return !asked_text_of(request, name).empty(); });
}

// Authorization, X-Two: as Go writes a field's name.
std::string canonical_name(std::string_view name) {
    std::string text(name);
    if (!net::is_token(name)) return text;
    bool begins = true;
    for (char& c : text) {
        if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        begins = c == '-';
    }
    return text;
}

// What Go refuses to send, in its words; empty: nothing.
std::string field_problem(std::span<const net::HeaderField> fields) {
    for (const net::HeaderField& field : fields) {
        const bool is_name = net::is_token(field.name);
        if (is_name && net::is_field_value(field.value)) continue;
        std::string text = is_name ? "net/http: invalid header field value for "
                                   : "net/http: invalid header field name ";
        rego::append_go_quoted(text, canonical_name(field.name));
        return text;
    }
    return {};
}

// Blanks around a value are none of it (RFC 9110, section 5.5).
void trim_blanks(std::string& value) {
    constexpr std::string_view kBlanks = " \t";
    value.erase(value.find_last_not_of(kBlanks) + 1);
    value.erase(0, value.find_first_not_of(kBlanks));
}

// Why no request can be made of the address, in Go's words; empty where it can.
std::string address_problem(const rego::GoUrl& url) {
    if (url.scheme != "http" && url.scheme != "https") {
        std::string text = "unsupported protocol scheme ";
        rego::append_go_quoted(text, url.scheme);
        return text;
    }
    return url.host.empty() ? "http: no Host in request URL" : "";
}

// What is between two neighbours and not between the ends (RFC 9110, section 7.6.1): the client
// writes its own, and Go shows nobody those of an answer.
bool is_between_neighbours(const net::HeaderField& field) {
    return field.name == "connection" || field.name == "transfer-encoding" ||
           field.name == "trailer";
}

// An answer of a server, as it is told to the policy and kept.
struct ToldAnswer {
    std::string status;
    std::int64_t code = 0;  // 0: there is none, the network has failed
    std::vector<net::HeaderField> fields;
    std::string body;  // in Base64

    std::string text() const {
        std::string written;
        text::JsonWriter json(written);
        json.begin_object().member("status", status);
        json.key("status_code").integer(code).key("headers").begin_array();
        for (const net::HeaderField& field : fields) {
            json.begin_array().string(field.name).string(field.value).end_array();
        }
        json.end_array().member("body", body).end_object();
        return written;
    }
};

ToldAnswer told_answer(const std::string& text) {
    Arena arena;
    Interner interner;
    const auto read = text::read_json(text, arena, interner);
    MERLON_ASSERT(read.ok());  // it is ours
    const Value& root = *read.value().root;
    return {asked_text_of(root, "status"), asked_number(root, "status_code").value_or(0),
            fields_of(root), asked_text_of(root, "body")};
}

// Go takes spaces and letters of any language behind the host of an address.
std::string with_escapes(std::string_view url) {
    const std::size_t host = url.find("://");
    const std::size_t begin =
        host == std::string_view::npos ? url.size() : url.find_first_of("/?#", host + 3);
    std::string out(url.substr(0, begin));
    for (const char c : url.substr(std::min(begin, url.size()))) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == ' ' || byte >= 0x80) {
            constexpr std::string_view kDigits = "0123456789ABCDEF";
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

Result<std::string> PolicyHost::ask(std::string_view kind, std::string_view question) {
    const std::scoped_lock locked(lock_);
    touched_ = true;
    auto answer = ask_anything(kind, question);
    if (outside_.cancel == nullptr || !outside_.cancel->cancelled()) return answer;
    // OPA's words for the first.
    const bool is_late = deadline_ != nullptr && deadline_->is_over();
    return Error{is_late ? "timed out (context deadline exceeded)" : "the run was cancelled"};
}

Result<std::string> PolicyHost::ask_anything(std::string_view kind, std::string_view question) {
    if (kind == "http") return ask_http(question);
    if (kind == "dns") return ask_dns(question);
    if (kind == "file" && files_ == FileAccess::kAllowed) {
        return read_text_file(std::string(question), kMaxAskedFileBytes);
    }
    return Error{"'" + std::string(kind) + "' is not allowed here"};
}

Status PolicyHost::check_host(std::string_view host) const {
    if (allowed_.empty()) {
        return Error{"network access is not allowed here; --allow-net HOST allows it"};
    }
    const bool is_allowed = std::ranges::any_of(allowed_, [host](const std::string& known) {
        return known == "*" || equal_without_case(known, host);
    });
    if (is_allowed) return {};
    return Error{"disallowed host: " + std::string(host)};
}

Result<std::string> PolicyHost::ask_dns(std::string_view name) const {
    MERLON_TRY(check_host(name));
    const net::Waiting waiting(*outside_.clock, outside_.cancel, net::Timeouts{});
    std::string answer;
    text::JsonWriter json(answer);
    json.begin_array();
    for (const std::string& address : MERLON_TRY(net::look_up_host(std::string(name), waiting))) {
        json.string(address);
    }
    json.end_array();
    return answer;
}

Result<net::HttpSettings> PolicyHost::settings_of(const Value& request) const {
    net::HttpSettings settings;
    settings.variable = outside_.variable;
    settings.clock = outside_.clock;
    settings.cancel = outside_.cancel;
    settings.max_body_bytes = kMaxBodyBytes;
    settings.user_agent = "Open Policy Agent/1.22.2 (Merlon)";
    settings.redirects =
        is_asked(request, "follow_redirects") ? net::Redirects::kFollow : net::Redirects::kReturn;
    settings.allows = [this](const net::HttpUrl& url) { return check_host(url.host); };
    const std::int64_t nanoseconds = asked_number(request, "timeout_nanoseconds").value_or(0);
    // Zero is for ever in OPA; here an evaluation ends some day.
    constexpr std::chrono::milliseconds kLongest{600'000};
    const auto wanted = std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::nanoseconds(std::max<std::int64_t>(nanoseconds, 0)));
    const auto total = nanoseconds <= 0 ? kLongest : std::min(wanted, kLongest);
    settings.timeouts = {.connect = total, .idle = total, .total = total};
    settings.tls_server_name = asked_text_of(request, "tls_server_name");
    settings.trust.authorities = MERLON_TRY(pem_of(request, "tls_ca_cert", outside_));
    if (names_authorities(request) &&
        settings.trust.authorities.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
        return Error{"could not append certificates"};
    }
    settings.trust.client_certificates = MERLON_TRY(pem_of(request, "tls_client_cert", outside_));
    settings.trust.client_key = MERLON_TRY(pem_of(request, "tls_client_key", outside_));
    // The variables that Go reads, too.
    const std::string file = outside_.variable("SSL_CERT_FILE").value_or("");
    const std::string folder = outside_.variable("SSL_CERT_DIR").value_or("");
    if (settings.trust.authorities.empty() || is_asked(request, "tls_use_system_certs")) {
        settings.trust.file = file;
        settings.trust.directory = folder;
    }
    return settings;
}

Result<std::string> PolicyHost::try_once(net::HttpClient& client, const net::HttpRequest& request,
                                         std::string& failure) const {
    std::string body;
    bool has_begun = false;
    const auto answer = client.perform(request, {[&has_begun](const net::ResponseHead& /*head*/) {
                                                     has_begun = true;
                                                     return Status();
                                                 },
                                                 [&body](std::string_view bytes) {
                                                     body += bytes;
                                                     return Status();
                                                 }});
    if (!answer.ok()) {
        // What has been answered is not asked again.
        if (has_begun) return answer.error();
        failure = answer.error().to_string();
        return std::string();
    }
    const net::ResponseHead& head = answer.value().head;
    ToldAnswer told{net::status_text(head),
                    head.status,
                    {},
                    text::encode_base64(body, text::Base64Alphabet::kStandard)};
    for (const net::HeaderField& field : head.fields) {
        if (is_between_neighbours(field)) continue;
        told.fields.push_back({field.name, text::to_valid_utf8(field.value)});
    }
    return told.text();
}

// 100 ms, and 1.6 times as long each time, to at most a minute.
void PolicyHost::wait_before_retry(std::int64_t attempt) const {
    const double seconds = std::min(0.1 * std::pow(1.6, static_cast<double>(attempt)), 60.0);
    const auto end = outside_.clock->monotonic() +
                     std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
    while (outside_.clock->monotonic() < end) {
        if (outside_.cancel != nullptr && outside_.cancel->cancelled()) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

Result<std::string> PolicyHost::ask_http(std::string_view question) {
    Arena arena;
    Interner interner;
    const auto read = MERLON_TRY(text::read_json(question, arena, interner));
    const Value& asked = *read.root;
    const std::int64_t now = outside_.clock->now().nanoseconds;
    const std::string key = asked_text_of(asked, "cache_key");
    std::optional<Kept> stale;
    if (const auto known = kept_.find(key); !key.empty() && known != kept_.end()) {
        if (now < known->second.until_nanoseconds) return known->second.answer;
        stale = std::move(known->second);
        kept_.erase(known);
    }
    net::HttpRequest request;
    request.method = asked_text_of(asked, "method");
    if (request.method.empty()) request.method = "GET";
    request.url = asked_text_of(asked, "url");
    const rego::GoUrl address = MERLON_TRY(rego::parse_url(request.url));
    request.body = MERLON_TRY(
        text::decode_base64(asked_text_of(asked, "body"), text::Base64Alphabet::kStandard));
    request.fields = fields_of(asked);
    std::erase_if(request.fields, [](const net::HeaderField& field) {
        return field.name == "content-length" || is_between_neighbours(field);
    });
    std::string failure = address_problem(address);
    if (failure.empty()) failure = field_problem(request.fields);
    for (net::HeaderField& field : request.fields) trim_blanks(field.value);
    if (!net::is_token(request.method)) {
        std::string text = "net/http: invalid method ";
        rego::append_go_quoted(text, request.method);
        return Error{text};
    }
    if (!failure.empty()) return failure_text(request, failure, Late::kNo);
    request.url = with_escapes(request.url);
    const auto url = net::parse_http_url(request.url);
    if (!url.ok()) return failure_text(request, url.error().message, Late::kNo);
    MERLON_TRY(check_host(url.value().host));
    if (url.value().is_https && is_asked(asked, "tls_insecure_skip_verify")) {
        return Error{
            "tls_insecure_skip_verify is not served: certificates are always verified; name the "
            "authority by tls_ca_cert"};
    }
    net::HttpSettings settings = MERLON_TRY(settings_of(asked));
    // A host that is named in the request is the one that the certificate is for.
    const auto host = std::ranges::find(request.fields, "host", &net::HeaderField::name);
    if (settings.tls_server_name.empty() && host != request.fields.end()) {
        settings.tls_server_name = host->value.substr(0, host->value.find(':'));
    }
    const auto limit = settings.timeouts.total;
    net::HttpClient client(std::move(settings));
    const std::int64_t retries = asked_number(asked, "retries").value_or(0);
    const auto perform = [&]() -> Result<std::string> {
        std::chrono::nanoseconds taken{0};
        for (std::int64_t attempt = 0; attempt <= retries; ++attempt) {
            if (attempt > 0) wait_before_retry(attempt - 1);
            const bool is_cancelled = outside_.cancel != nullptr && outside_.cancel->cancelled();
            if (is_cancelled) return Error{"cancelled"};  // ask() says by what
            const auto begin = outside_.clock->monotonic();
            std::string answer = MERLON_TRY(try_once(client, request, failure));
            taken = outside_.clock->monotonic() - begin;
            if (!answer.empty()) return answer;
        }
        return failure_text(request, failure, taken >= limit ? Late::kYes : Late::kNo);
    };
    const auto wanted = asked_number(asked, "cache_seconds");
    if (stale && wanted) {
        ToldAnswer before = told_answer(stale->answer);
        const auto plain = request.fields;
        const auto conditions = conditions_for(before.fields);
        for (const net::HeaderField& condition : conditions) {
            std::erase_if(request.fields, [&condition](const net::HeaderField& field) {
                return field.name == condition.name;
            });
            request.fields.push_back(condition);
        }
        const std::string text = conditions.empty() ? std::string() : MERLON_TRY(perform());
        const ToldAnswer told = text.empty() ? ToldAnswer() : told_answer(text);
        if (!text.empty() && told.code == 0) return text;
        if (told.code == 304) {
            before.fields = renewed(before.fields, told.fields);
            const std::int64_t until = MERLON_TRY(kept_until(told.fields, *wanted));
            kept_[key] = {before.text(), until};
            return before.text();
        }
        if (told.code == 200) {
            keep(key, text, *wanted);
            return text;
        }
        request.fields = plain;
    }
    const std::string answer = MERLON_TRY(perform());
    if (wanted && !key.empty()) keep(key, answer, *wanted);
    return answer;
}

Result<std::int64_t> PolicyHost::kept_until(std::span<const net::HeaderField> fields,
                                            std::int64_t wanted) const {
    if (wanted <= 0) return fresh_until(fields);
    constexpr std::int64_t kLongestSeconds = std::int64_t{1} << 30;
    return outside_.clock->now().nanoseconds + std::min(wanted, kLongestSeconds) * 1'000'000'000;
}

void PolicyHost::keep(const std::string& key, const std::string& answer, std::int64_t wanted) {
    const ToldAnswer told = told_answer(answer);
    const int status = static_cast<int>(told.code);
    // What the answer says counts only where the request does not say how long.
    std::span<const net::HeaderField> asked_of = told.fields;
    if (wanted > 0) asked_of = {};
    if (!may_be_kept(status, asked_of)) return;
    const auto until = kept_until(told.fields, wanted);
    if (until.ok()) kept_[key] = {answer, until.value()};
}

OutsideUntil::OutsideUntil(std::optional<std::int64_t> nanoseconds, const Outside& given,
                           std::vector<std::string> allowed_hosts)
    : deadline_(nanoseconds, given),
      outside_(given),
      host_(outside_, FileAccess::kRefused, std::move(allowed_hosts), &deadline_) {
    outside_.cancel = deadline_.token();
    outside_.host = &host_;
}

std::vector<std::string> narrowed_hosts(std::vector<std::string> hosts,
                                        const std::string& capabilities_file) {
    constexpr std::uint64_t kMaxCapabilitiesBytes = std::uint64_t{64} << 20;
    if (hosts.empty() || capabilities_file.empty()) return hosts;
    // What is wrong with the file is told by who reads all of it.
    const auto text = read_text_file(capabilities_file, kMaxCapabilitiesBytes);
    if (!text.ok()) return hosts;
    Arena arena;
    Interner interner;
    const auto read = text::read_json(text.value(), arena, interner);
    const Value* const listed = read.ok() ? read.value().root->find("allow_net") : nullptr;
    if (listed == nullptr || !listed->is_array()) return hosts;
    // The name of no host: nobody is reached, and no flag would help.
    std::vector<std::string> narrowed{""};
    for (const Value& one : listed->items()) {
        if (!one.is_string()) continue;
        const bool is_allowed = std::ranges::any_of(hosts, [&one](const std::string& known) {
            return known == "*" || equal_without_case(known, one.as_string());
        });
        if (is_allowed && one.as_string() != "*") narrowed.emplace_back(one.as_string());
    }
    return narrowed;
}

std::vector<std::string> allowed_hosts(const ParsedCommand& command) {
    if (!command.takes("allow-net")) return {};
    return narrowed_hosts(command.list("allow-net"),
                          command.takes("capabilities") ? command.text("capabilities") : "");
}

}  // namespace merlon::compat::opa
