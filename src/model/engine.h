#pragma once

// The engine contract: rules in, a compiled program, results out (DESIGN, "The engine contract").
//
//   compile(pack, Loader, Diagnostics) -> Program            immutable, shared by threads
//   program.examine(Document, kind, Scratch) -> Facts         pure, parallel, cacheable
//   program.conclude(span<Facts>, Inputs, Host&) -> Results   once per unit
//   program.open(State) -> Session                            engines with memory
//   session.step(Event, Host&, Sink&); session.save()
//
// Each engine has its own Facts and Results types, so the contract is a set of concepts checked at
// compile time and not a base class: no virtual call stands in a hot loop. `Loader`, `Diagnostics`
// and `Host` are the seams that a control hands in.

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/document.h"
#include "model/finding.h"

namespace merlon::model {

// One remark about a pack, a rule or a configuration. Errors make the run incomplete.
struct Diagnostic {
    enum class Level : std::uint8_t { kNote, kWarning, kError };
    Level level = Level::kError;
    std::string rule_id;  // empty: about the whole file
    Error error;
};

class Diagnostics {
  public:
    void add(Diagnostic diagnostic);
    void error(std::string rule_id, Error what);
    void warning(std::string rule_id, Error what);
    std::span<const Diagnostic> items() const { return items_; }
    bool has_errors() const;

  private:
    std::vector<Diagnostic> items_;
};

// Brings a pack's own files (an extended configuration, a data file) by name.
using Loader = std::function<Result<std::string>(std::string_view name)>;

// What the file's name means to a program, decided by the control before examine: part of the
// facts' key, so that facts themselves know no path.
using DocumentKind = std::uint64_t;

// The only door to clock, randomness, environment, DNS, HTTP and external data: denied by default,
// recorded in the decision, fed from that record when the decision is replayed. Results that
// touched it are never cached.
class Host {
  public:
    virtual ~Host() = default;
    // Answers `question` of a named kind ("clock", "environment", "http", …) as text; an Error
    // where the kind is not allowed.
    virtual Result<std::string> ask(std::string_view kind, std::string_view question) = 0;
    // Whether anything was asked, granted or not.
    virtual bool touched() const = 0;
};

// Refuses everything.
class DeniedHost final : public Host {
  public:
    Result<std::string> ask(std::string_view kind, std::string_view question) override;
    bool touched() const override { return touched_; }

  private:
    bool touched_ = false;
};

template <typename P>
concept ExaminingProgram = requires(const P& program, const Document& document, DocumentKind kind,
                                    typename P::Scratch& scratch) {
    { program.examine(document, kind, scratch) } -> std::same_as<typename P::Facts>;
    { program.digest() } -> std::convertible_to<std::string_view>;
};

template <typename P>
concept ConcludingProgram = requires(const P& program, std::span<const typename P::Facts> facts,
                                     const typename P::Inputs& inputs, Host& host) {
    { program.conclude(facts, inputs, host) } -> std::same_as<typename P::Results>;
};

// An engine with memory: the same events in the same order give the same results, whether or not
// the session was saved and opened again between two of them.
template <typename P>
concept SessionProgram =
    requires(const P& program, std::string_view state, typename P::Session& session,
             const typename P::Event& event, Host& host, typename P::Sink& sink) {
        { program.open(state) } -> std::same_as<Result<typename P::Session>>;
        { session.step(event, host, sink) } -> std::same_as<void>;
        { session.save() } -> std::same_as<std::string>;
    };

}  // namespace merlon::model
