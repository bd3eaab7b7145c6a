#pragma once

// What policies may ask of the outside: HTTP and DNS where hosts are allowed, files where a front
// lets them (conftest's parse_config_file). Everything else is refused.
//
// The idea: rego asks one question and gets one answer, both as text; this is the only place of
// the front that knows the network. Redirects are followed only to hosts that are allowed, too.
// Answers that a request asks to keep are kept for the life of the host.
//
// Thread-safe: one question after the other. Cost: the network's; a question ends soon after the
// run is cancelled or its time is over, and has no answer then.

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compat/opa/run.h"
#include "compat/opa/watching.h"
#include "model/engine.h"
#include "net/http_client.h"
#include "value/value.h"

namespace merlon::compat::opa {

enum class FileAccess : unsigned char { kRefused, kAllowed };

class PolicyHost final : public model::Host {
  public:
    // `allowed`: names of hosts, as --allow-net has them; "*": all.
    // `deadline`: whose token `outside` has, where there is one; it names what ended a question.
    PolicyHost(const Outside& outside, FileAccess files, std::vector<std::string> allowed = {},
               const Deadline* deadline = nullptr)
        : outside_(outside), files_(files), allowed_(std::move(allowed)), deadline_(deadline) {}

    Result<std::string> ask(std::string_view kind, std::string_view question) override;
    bool touched() const override { return touched_; }

  private:
    struct Kept {
        std::string answer;
        std::int64_t until_nanoseconds = 0;
    };

    Result<std::string> ask_anything(std::string_view kind, std::string_view question);
    Status check_host(std::string_view host) const;
    Result<std::string> ask_http(std::string_view question);
    Result<std::string> ask_dns(std::string_view name) const;
    Result<net::HttpSettings> settings_of(const value::Value& request) const;
    // One try; "" where the network failed, and the reason in `failure`. An Error is what it
    // answered, where that ended early.
    Result<std::string> try_once(net::HttpClient& client, const net::HttpRequest& request,
                                 std::string& failure) const;
    // For as long as the request (-1: the answer) says.
    void keep(const std::string& key, const std::string& answer, std::int64_t wanted);
    Result<std::int64_t> kept_until(std::span<const net::HeaderField> fields,
                                    std::int64_t wanted) const;
    void wait_before_retry(std::int64_t attempt) const;

    const Outside& outside_;
    FileAccess files_;
    std::vector<std::string> allowed_;
    const Deadline* deadline_;
    bool touched_ = false;
    std::mutex lock_;
    std::map<std::string, Kept, std::less<>> kept_;  // by their cache keys
};

// The outside until a time is over: what is waited for there ends with the evaluation.
class OutsideUntil {
  public:
    OutsideUntil(std::optional<std::int64_t> nanoseconds, const Outside& given,
                 std::vector<std::string> allowed_hosts);

    const Outside& outside() const { return outside_; }
    bool is_over() const { return deadline_.is_over(); }

  private:
    Deadline deadline_;
    Outside outside_;
    PolicyHost host_;
};

// The hosts that --allow-net names, of the commands that have it.
// Of the hosts those that the "allow_net" of this file has as well; all of them where it has none.
std::vector<std::string> narrowed_hosts(std::vector<std::string> hosts,
                                        const std::string& capabilities_file);
std::vector<std::string> allowed_hosts(const ParsedCommand& command);

}  // namespace merlon::compat::opa
