#include "compat/opa/seen_world.h"

#include "compat/opa/commands.h"

namespace merlon::compat::opa {

SeenWorld::SeenWorld(const Outside& outside) : world_(world_of(outside)) {}

rego::World SeenWorld::next_run(const Outside& outside) {
    answers_.begin_run(outside.host);
    world_.host = outside.host == nullptr ? nullptr : &answers_;
    return world_;
}

void SeenWorld::Answers::begin_run(model::Host* host) {
    const std::scoped_lock locked(lock_);
    host_ = host;
    ++runs_;
    for (auto& [question, asked] : asked_) asked.told = 0;
}

void SeenWorld::Answers::forget() {
    const std::scoped_lock locked(lock_);
    runs_ = 1;
    asked_.clear();
}

Result<std::string> SeenWorld::Answers::ask(std::string_view kind, std::string_view question) {
    const std::scoped_lock locked(lock_);
    Asked& asked = asked_[{std::string(kind), std::string(question)}];
    const bool is_known = asked.told < asked.answers.size();
    // A run that goes another way may ask more often; the last answer serves it.
    const bool is_repeated = runs_ > 1 && !asked.answers.empty();
    if (!is_known && is_repeated) return asked.answers.back();
    if (!is_known) asked.answers.push_back(host_->ask(kind, question));
    return asked.answers[asked.told++];
}

}  // namespace merlon::compat::opa
