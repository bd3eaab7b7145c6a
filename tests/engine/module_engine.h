#pragma once

// A small engine that uses every part of the engine contract: it reads files of a language of
// modules and finds what no single file shows.
//
//   module NAME          the first statement of a file
//   import NAME          any number
//   # remark
//
// Its packs are lists of rules, one a line:
//
//   no-cycles                 modules that import each other in a circle
//   unique                    two files with the same module
//   forbid FROM TO            an import that needs an exception; a Host is asked for it
//   include FILE              the rules of another file, brought by the Loader
//   burst COUNT SECONDS       for sessions: so many failed builds of a module within so long
//
// It lives in tests/: no user needs it, and the contract has to hold for engines that secrets is
// not.

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/analysis.h"
#include "model/engine.h"

namespace merlon::module_engine {

struct Import {
    std::string name;
    std::uint32_t line = 0;
    bool operator==(const Import&) const = default;
};

// What one file says; it knows no path.
struct Facts {
    std::string module;
    std::uint32_t module_line = 0;
    std::vector<Import> imports;
    std::vector<std::uint32_t> wrong_lines;
    bool operator==(const Facts&) const = default;
};

// For the cache: facts as bytes, and back; nullopt for other bytes.
std::string store(const Facts& facts);
std::optional<Facts> restore(std::string_view bytes);

struct Inputs {
    std::vector<std::string> paths;  // of the files, in the order of their facts
};

struct Event {
    std::int64_t second = 0;  // of event time
    std::string module;
    bool failed = false;
};

class Session;

class Program {
  public:
    struct Scratch {};
    using Facts = module_engine::Facts;
    using Inputs = module_engine::Inputs;
    using Results = model::Report;
    using Session = module_engine::Session;
    using Event = module_engine::Event;
    using Sink = std::vector<model::Finding>;

    // A wrong rule is left out and told to `diagnostics`; the others hold.
    static Program compile(std::string_view pack, const model::Loader& loader,
                           model::Diagnostics& diagnostics);

    Facts examine(const model::Document& document, model::DocumentKind kind,
                  Scratch& scratch) const;
    Results conclude(std::span<const Facts> facts, const Inputs& inputs, model::Host& host) const;
    // `state`: what save() gave; empty: from the beginning.
    Result<Session> open(std::string_view state) const;
    std::string digest() const;

  private:
    friend class module_engine::Session;
    void read_pack(std::string_view pack, int depth, const model::Loader& loader,
                   model::Diagnostics& diagnostics);
    bool read_rule(std::span<const std::string> words);
    void find_cycles(std::span<const Facts> facts, const Inputs& inputs, Results& results) const;

    bool no_cycles_ = false;
    bool unique_ = false;
    std::vector<std::pair<std::string, std::string>> forbidden_;
    std::size_t burst_count_ = 0;
    std::int64_t burst_seconds_ = 0;
};

class Session {
  public:
    explicit Session(const Program& program) : program_(&program) {}

    void step(const Event& event, model::Host& host, Program::Sink& sink);
    std::string save() const;

  private:
    friend class Program;
    const Program* program_;
    std::map<std::string, std::deque<std::int64_t>> failures_;  // seconds, by module
};

static_assert(model::ExaminingProgram<Program>);
static_assert(model::ConcludingProgram<Program>);
static_assert(model::SessionProgram<Program>);

}  // namespace merlon::module_engine
