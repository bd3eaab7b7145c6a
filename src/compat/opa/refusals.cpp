#include "compat/opa/refusals.h"

#include <arpa/inet.h>

#include <algorithm>

namespace merlon::compat::opa {
namespace {

struct Refusal {
    std::string_view verb;
    std::string_view flag;
    std::string_view value;  // that is refused; empty: all but 0
    std::string_view reason;
};

constexpr std::string_view kNoWasm = "WebAssembly is not served; the target is rego";
constexpr std::string_view kNoPlugins = "there are no plug-ins";
constexpr std::string_view kNoServer = "there is no server of OPA's here";

constexpr Refusal kRefusals[] = {
    {"eval", "target", "wasm", kNoWasm},
    {"test", "target", "wasm", kNoWasm},
    {"bench", "target", "wasm", kNoWasm},
    {"bench", "e2e", "", kNoServer},
    {"bench", "config-file", "", kNoServer},
    {"build", "target", "wasm", kNoWasm},
    {"build", "target", "plan", "plans are read and not written"},
    {"build", "signing-plugin", "", kNoPlugins},
    {"build", "follow-symlinks", "", "what a link leads to belongs to a bundle only inside of it"},
    {"build", "format", "proto", "plans are read and not written"},
    {"build", "plan-addons", "", "plans are read and not written"},
    {"build", "wasm-include-print", "", kNoWasm},
    {"exec", "config-file", "", kNoServer},
    {"exec", "set", "", kNoServer},
    {"exec", "set-file", "", kNoServer},
    {"sign", "signing-plugin", "", kNoPlugins},
    {"version", "check", "", "nothing is asked for in the network"},
};

bool is_asked_for(const ParsedCommand& command, const Refusal& refusal) {
    if (!command.takes(refusal.flag) || !command.is_set(refusal.flag)) return false;
    if (!refusal.value.empty()) return command.text(refusal.flag) == refusal.value;
    return command.text(refusal.flag) != "0";
}

bool is_host(const std::string& text) {
    in6_addr address{};
    if (text.find(':') != std::string::npos) {
        return inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &address) == 1;
    }
    return !text.empty() && text.find_first_of(",/@?#[] \t\r\n") == std::string::npos;
}

}  // namespace

std::string refusal_of(const ParsedCommand& command) {
    for (const Refusal& refusal : kRefusals) {
        if (command.verb->path != refusal.verb || !is_asked_for(command, refusal)) continue;
        std::string text = std::string(refusal.verb) + " --" + std::string(refusal.flag);
        if (!refusal.value.empty()) text += "=" + std::string(refusal.value);
        return text + " is not served: " + std::string(refusal.reason);
    }
    return command.takes("allow-net") ? host_refusal(command.list("allow-net")) : std::string();
}

std::string host_refusal(std::span<const std::string> hosts) {
    for (const std::string& host : hosts) {
        if (is_host(host)) continue;
        return "--allow-net '" + host +
               "' names no host; expected one name or address without scheme, port and path "
               "(registry.example, 10.0.0.1, ::1), or '*' for any; give the flag once for each";
    }
    return {};
}

}  // namespace merlon::compat::opa
