#include "module_engine.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "crypto/digest.h"

namespace merlon::module_engine {
namespace {

constexpr int kMaxIncludes = 8;

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line.substr(0, line.find('#')));
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
    std::istringstream stream{std::string(text)};
    std::uint32_t number = 0;
    for (std::string line; std::getline(stream, line);) visit(++number, words_of(line));
}

template <typename Number>
bool parse(const std::string& word, Number& number) {
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
    return code == std::errc{} && end == word.data() + word.size();
}

model::Finding finding_at(std::string rule, std::string message, std::string path,
                          std::uint32_t line) {
    model::Finding finding;
    finding.rule_id = std::move(rule);
    finding.message = std::move(message);
    model::FileLocation location;
    location.path = std::move(path);
    location.region = {line, 1, line, 1, 0, 0};
    finding.location = std::move(location);
    return finding;
}

}  // namespace

std::string store(const Facts& facts) {
    std::ostringstream out;
    out << "facts 1\n" << facts.module_line << ' ' << facts.module << '\n';
    for (const Import& import : facts.imports)
        out << "i " << import.line << ' ' << import.name << '\n';
    for (const std::uint32_t line : facts.wrong_lines) out << "w " << line << " -\n";
    return out.str();
}

std::optional<Facts> restore(std::string_view bytes) {
    std::istringstream in{std::string(bytes)};
    std::string line;
    if (!std::getline(in, line) || line != "facts 1" || !std::getline(in, line))
        return std::nullopt;
    Facts facts;
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || !parse(line.substr(0, space), facts.module_line)) {
        return std::nullopt;
    }
    facts.module = line.substr(space + 1);
    while (std::getline(in, line)) {
        const std::vector<std::string> words = words_of(line);
        std::uint32_t number = 0;
        if (words.size() != 3 || !parse(words[1], number)) return std::nullopt;
        if (words[0] == "i") {
            facts.imports.push_back({words[2], number});
        } else {
            facts.wrong_lines.push_back(number);
        }
    }
    return facts;
}

Program Program::compile(std::string_view pack, const model::Loader& loader,
                         model::Diagnostics& diagnostics) {
    Program program;
    program.read_pack(pack, 0, loader, diagnostics);
    return program;
}

void Program::read_pack(std::string_view pack, int depth, const model::Loader& loader,
                        model::Diagnostics& diagnostics) {
    for_each_line(pack, [&](std::uint32_t number, const std::vector<std::string>& words) {
        if (words.empty()) return;
        if (words[0] == "include" && words.size() == 2 && depth < kMaxIncludes) {
            const Result<std::string> included = loader(words[1]);
            if (included.ok()) return read_pack(included.value(), depth + 1, loader, diagnostics);
            return diagnostics.error("include", included.error());
        }
        if (!read_rule(words)) {
            diagnostics.error(words[0],
                              Error{"line " + std::to_string(number) + ": this is no rule"});
        }
    });
}

bool Program::read_rule(std::span<const std::string> words) {
    if (words[0] == "no-cycles" && words.size() == 1) return no_cycles_ = true;
    if (words[0] == "unique" && words.size() == 1) return unique_ = true;
    if (words[0] == "forbid" && words.size() == 3) {
        forbidden_.emplace_back(words[1], words[2]);
        return true;
    }
    return words[0] == "burst" && words.size() == 3 && parse(words[1], burst_count_) &&
           parse(words[2], burst_seconds_);
}

Facts Program::examine(const model::Document& document, model::DocumentKind, Scratch&) const {
    Facts facts;
    for_each_line(document.bytes,
                  [&facts](std::uint32_t line, const std::vector<std::string>& words) {
                      if (words.empty()) return;
                      if (words.size() == 2 && words[0] == "module" && facts.module.empty()) {
                          facts.module = words[1];
                          facts.module_line = line;
                      } else if (words.size() == 2 && words[0] == "import") {
                          facts.imports.push_back({words[1], line});
                      } else {
                          facts.wrong_lines.push_back(line);
                      }
                  });
    return facts;
}

// A module is in a circle if it reaches itself; each circle is told once, at its first module.
void Program::find_cycles(std::span<const Facts> facts, const Inputs& inputs,
                          Results& results) const {
    std::map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < facts.size(); ++i) by_name.emplace(facts[i].module, i);
    std::set<std::size_t> told;
    for (std::size_t start = 0; start < facts.size(); ++start) {
        std::set<std::size_t> reached;
        std::vector<std::size_t> open{start};
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            for (const Import& import : facts[at].imports) {
                const auto found = by_name.find(import.name);
                if (found != by_name.end() && reached.insert(found->second).second) {
                    open.push_back(found->second);
                }
            }
        }
        if (!reached.contains(start) || told.contains(start)) continue;
        told.insert(reached.begin(), reached.end());
        results.findings.push_back(finding_at("no-cycles",
                                              facts[start].module + " imports itself by a circle",
                                              inputs.paths[start], facts[start].module_line));
    }
}

Program::Results Program::conclude(std::span<const Facts> facts, const Inputs& inputs,
                                   model::Host& host) const {
    Results results;
    results.analysis.program_digest = digest();
    std::map<std::string_view, std::size_t> first;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        for (const std::uint32_t line : facts[i].wrong_lines) {
            results.coverage.gaps.push_back({model::GapCause::kInvalidInput, inputs.paths[i],
                                             "line " + std::to_string(line) + " is no statement"});
        }
        const auto [known, added] = first.emplace(facts[i].module, i);
        if (unique_ && !added) {
            results.findings.push_back(finding_at(
                "unique", facts[i].module + " is in " + inputs.paths[known->second] + " too",
                inputs.paths[i], facts[i].module_line));
        }
        for (const auto& [from, to] : forbidden_) {
            if (facts[i].module != from) continue;
            for (const Import& import : facts[i].imports) {
                if (import.name != to) continue;
                const Result<std::string> exception = host.ask("exceptions", from + " " + to);
                if (exception.ok() && exception.value() == "granted") continue;
                results.findings.push_back(finding_at("forbid", from + " may not import " + to,
                                                      inputs.paths[i], import.line));
            }
        }
    }
    if (no_cycles_) find_cycles(facts, inputs, results);
    std::stable_sort(results.findings.begin(), results.findings.end(), model::less);
    results.coverage.files_seen = results.coverage.files_read = facts.size();
    return results;
}

std::string Program::digest() const {
    std::string all = "module-engine/1";
    for (const auto& [from, to] : forbidden_) all.append("\nforbid ").append(from + " " + to);
    all.append(no_cycles_ ? "\nno-cycles" : "").append(unique_ ? "\nunique" : "");
    all.append("\nburst " + std::to_string(burst_count_) + " " + std::to_string(burst_seconds_));
    return crypto::sha256(all).to_string();
}

Result<Session> Program::open(std::string_view state) const {
    Session session(*this);
    bool wrong = false;
    for_each_line(state, [&](std::uint32_t, const std::vector<std::string>& words) {
        std::int64_t second = 0;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (!parse(words[i], second)) wrong = true;
            session.failures_[words[0]].push_back(second);
        }
    });
    if (wrong) return Error{"this is no saved session of the module engine"};
    return session;
}

void Session::step(const Event& event, model::Host&, Program::Sink& sink) {
    if (!event.failed) return;
    std::deque<std::int64_t>& seconds = failures_[event.module];
    seconds.push_back(event.second);
    while (seconds.front() + program_->burst_seconds_ <= event.second) seconds.pop_front();
    if (seconds.size() < program_->burst_count_) return;
    sink.push_back(finding_at("burst", event.module + " fails again and again", event.module,
                              static_cast<std::uint32_t>(event.second)));
    seconds.clear();
}

std::string Session::save() const {
    std::ostringstream out;
    for (const auto& [module, seconds] : failures_) {
        if (seconds.empty()) continue;
        out << module;
        for (const std::int64_t second : seconds) out << ' ' << second;
        out << '\n';
    }
    return out.str();
}

}  // namespace merlon::module_engine
