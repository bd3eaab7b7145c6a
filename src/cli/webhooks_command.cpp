#include <fmt/core.h>

#include "base/joined.h"
#include "cli/evidence_store.h"
#include "cli/jobs_command.h"
#include "cli/outputs.h"
#include "connect/notify/webhook.h"
#include "evidence/outbox.h"
#include "evidence/seconds.h"
#include "report/grid.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

std::string hooks_as_json(const std::vector<evidence::Webhook>& webhooks) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_array();
    for (const evidence::Webhook& webhook : webhooks) {
        json.begin_object().member("name", webhook.name).member("url", webhook.url);
        json.key("events").begin_array();
        for (const std::string& pattern : webhook.events) json.string(pattern);
        json.end_array().member("secret", webhook.secret);
        json.member("created", format_rfc3339(evidence::at_second(webhook.created_s)));
        json.key("waiting").integer(webhook.waiting);
        if (!webhook.last_answer.empty()) json.member("lastAnswer", webhook.last_answer);
        json.end_object();
    }
    json.end_array();
    return out + "\n";
}

std::string hooks_as_table(const std::vector<evidence::Webhook>& webhooks) {
    std::vector<report::GridRow> rows;
    for (const evidence::Webhook& webhook : webhooks)
        rows.push_back({text::to_printable(webhook.name), text::to_printable(webhook.url),
                        joined(webhook.events, " "), std::to_string(webhook.waiting),
                        text::to_printable(webhook.last_answer)});
    std::string out;
    if (!rows.empty())
        report::draw_grid(report::GridStyle::kColumns,
                          {"NAME", "ADDRESS", "EVENTS", "WAITING", "LAST ANSWER"}, rows, out);
    return out +
           fmt::format("{} {}\n", webhooks.size(), webhooks.size() == 1 ? "webhook" : "webhooks");
}

Status add_hook(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 2)
        return Error{"which? merlon webhooks add NAME URL --secret env:NAME"};
    evidence::Webhook webhook;
    webhook.name = command.arguments[0];
    webhook.url = command.arguments[1];
    webhook.events = command.list("event");
    if (webhook.events.empty()) webhook.events = {"*"};
    webhook.secret = command.text("secret");
    MERLON_TRY(connect::notify::check_address(webhook.url));
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    return evidence::add_webhook(store.database(), webhook, actor_of(environment),
                                 environment.clock->now());
}

Status remove_hook(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 1) return Error{"which? merlon webhooks remove NAME"};
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    return evidence::remove_webhook(store.database(), command.arguments[0], actor_of(environment),
                                    environment.clock->now());
}

}  // namespace

int run_webhooks_add(const ParsedCommand& command, const Environment& environment) {
    const Status added = add_hook(command, environment);
    if (!added.ok()) return fail(environment, added.error().to_string());
    return print(environment, fmt::format("{} is told of what happens from now on, by 'merlon "
                                          "worker'\n",
                                          text::to_printable(command.arguments[0])));
}

int run_webhooks_list(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const auto webhooks = evidence::list_webhooks(store.value().database());
    if (!webhooks.ok()) return fail(environment, webhooks.error().to_string());
    return print(environment,
                 *json_asked ? hooks_as_json(webhooks.value()) : hooks_as_table(webhooks.value()));
}

int run_webhooks_remove(const ParsedCommand& command, const Environment& environment) {
    const Status removed = remove_hook(command, environment);
    if (!removed.ok()) return fail(environment, removed.error().to_string());
    return print(environment, fmt::format("{} is told of nothing more\n",
                                          text::to_printable(command.arguments[0])));
}

}  // namespace merlon::cli
