// A module is parsed, compiled and watched while all of its documents are evaluated: whatever it
// says, that ends in results or in an error, and every event has a text. Then the same without an
// input, partially, and what is left of it is written.

#include <string_view>

#include "rego/compiler/compiler.h"
#include "rego/syntax/format.h"
#include "rego/syntax/parser.h"
#include "rego/syntax/print.h"
#include "rego/watch/watcher.h"

namespace {

using namespace merlon;

class Reader : public rego::watch::EventListener {
  public:
    explicit Reader(rego::watch::Watcher*& watcher) : watcher_(watcher) {}
    void heard(const rego::watch::Event& event) override {
        if (event.step == nullptr || ++read_ > kMostRead) return;
        static_cast<void>(rego::syntax::to_text(*event.step->source));
        for (const rego::watch::Bindings::Entry& entry : event.bindings->entries()) {
            static_cast<void>(watcher_->maker().plug(entry.bound.node, entry.bound.where));
        }
    }

  private:
    static constexpr int kMostRead = 200;
    rego::watch::Watcher*& watcher_;
    int read_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    const std::string_view source(reinterpret_cast<const char*>(bytes), size);
    Arena arena;
    Interner interner;
    rego::syntax::ParseOptions options;
    options.version =
        size % 2 == 0 ? rego::syntax::RegoVersion::kV1 : rego::syntax::RegoVersion::kV0;
    options.max_depth = 200;
    const auto module = rego::syntax::parse_module(source, arena, interner, options);
    if (module.module == nullptr) return 0;
    const auto query = rego::syntax::parse_query("x = data", arena, interner, options);
    const rego::compiler::SourceModule modules[] = {{"fuzz.rego", module.module}};
    const rego::compiler::SourceQuery queries[] = {{"query", query.body}};
    auto prepared =
        rego::compiler::prepare(modules, queries, {.prints = rego::compiler::Prints::kKept},
                                rego::compiler::TestEqualities::kNamedEverywhere);
    if (!prepared.errors.empty()) return 0;
    rego::watch::Library library(std::move(prepared));
    for (const auto indexing : {rego::watch::Indexing::kOn, rego::watch::Indexing::kOff}) {
        rego::watch::WatchOptions watching;
        watching.indexing = indexing;
        watching.unifications = rego::watch::Unifications::kTold;
        watching.limits.steps = 2'000;
        watching.limits.memory_bytes = std::size_t{64} << 20;
        rego::watch::Watcher* self = nullptr;
        Reader reader(self);
        rego::watch::Watcher watcher(library, reader, watching);
        self = &watcher;
        value::Builder builder(arena, interner);
        static_cast<void>(watcher.run(0, builder.object({}), builder.object({})));
        rego::watch::PartialOptions partially;
        const auto unknown = rego::syntax::parse_term("input", arena, interner);
        partially.unknowns.push_back(unknown.value());
        if (indexing == rego::watch::Indexing::kOff) {
            partially.inlining = rego::watch::PartialOptions::Inline::kShallow;
        }
        const auto left = watcher.run_partially(0, std::nullopt, builder.object({}), partially);
        for (const rego::syntax::Body body : left.queries) {
            static_cast<void>(rego::syntax::format_made(body, arena));
        }
        for (rego::syntax::Module* one : left.modules) {
            static_cast<void>(rego::syntax::format_made(*one, options.version, arena, interner));
        }
    }
    return 0;
}
