#include "connect/git/fetch_protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

namespace merlon::connect::git {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kMaxPacketBytes = 65520;
constexpr std::string_view kFlush = "0000";
constexpr std::string_view kDelimiter = "0001";
// What servers say of themselves is shown, and bounded.
constexpr std::size_t kShownBytes = 300;

std::string packet(std::string_view payload) {
    return fmt::format("{:04x}{}", payload.size() + kLengthBytes, payload);
}

// gitprotocol-v2, "Capabilities": what the server has not advertised must not be asked for.
std::string command(std::string_view name, const ServerTraits& server) {
    std::string request = packet(fmt::format("command={}\n", name));
    if (server.takes_agent) request += packet("agent=merlon\n");
    if (server.takes_object_format) {
        request += packet(server.algorithm == HashAlgorithm::kSha1 ? "object-format=sha1\n"
                                                                   : "object-format=sha256\n");
    }
    return request + std::string(kDelimiter);
}

// The length of a packet: four hexadecimal digits.
std::optional<std::size_t> length_of(std::string_view digits) {
    std::size_t length = 0;
    for (const char c : digits) {
        const bool is_number = c >= '0' && c <= '9';
        const char low = static_cast<char>(c | 0x20);
        if (!is_number && (low < 'a' || low > 'f')) return std::nullopt;
        length = length << 4 | static_cast<std::size_t>(is_number ? c - '0' : low - 'a' + 10);
    }
    return length;
}

std::string_view without_newline(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    return line;
}

Error said(std::string_view message) {
    std::string shown;
    for (const char c : message.substr(0, kShownBytes)) {
        shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    while (shown.ends_with(' ')) shown.pop_back();
    return Error{"the Git server says: " + shown};
}

// gitrevisions, "<refname>": where a short name is looked for, the first first.
std::array<std::string, 4> full_names(std::string_view reference) {
    const std::string name(reference);
    return {name, "refs/" + name, "refs/tags/" + name, "refs/heads/" + name};
}

}  // namespace

// --- packets ---

Status PacketReader::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        // Up to the length first, then up to the packet's end.
        std::size_t wanted = kLengthBytes;
        if (held_.size() >= kLengthBytes) wanted = *length_of(held_.substr(0, kLengthBytes));
        const std::size_t taken = std::min(wanted - held_.size(), bytes.size());
        held_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        if (held_.size() < kLengthBytes) return {};
        const auto length = length_of(std::string_view(held_).substr(0, kLengthBytes));
        if (!length.has_value() || *length > kMaxPacketBytes || *length == 3) {
            return Error{"this is no answer of a Git server: expected the length of a packet"};
        }
        Status taken_in;
        if (*length < kLengthBytes) {
            constexpr std::array kKinds{PacketKind::kFlush, PacketKind::kDelimiter,
                                        PacketKind::kEnd};
            taken_in = sink_(kKinds[*length], {});
        } else if (held_.size() < *length) {
            continue;
        } else {
            taken_in = sink_(PacketKind::kData, std::string_view(held_).substr(kLengthBytes));
        }
        held_.clear();
        if (!taken_in.ok()) return taken_in;
    }
    return {};
}

Status PacketReader::finish() const {
    return held_.empty() ? Status() : Status(Error{"the Git server's answer is cut off"});
}

// --- the advertisement ---

Status Advertisement::take(PacketKind kind, std::string_view payload) {
    if (kind != PacketKind::kData) return {};
    const std::string_view line = without_newline(payload);
    if (line.starts_with("ERR ")) return said(line.substr(4));
    if (line == "version 2") is_version_2_ = true;
    if (line == "agent" || line.starts_with("agent=")) traits_.takes_agent = true;
    if (line.starts_with("fetch=")) {
        // A list of words.
        const std::string words = " " + std::string(line.substr(6)) + " ";
        has_shallow_ = words.find(" shallow ") != std::string::npos;
    }
    if (line.starts_with("object-format=")) {
        const std::string_view format = line.substr(line.find('=') + 1);
        traits_.takes_object_format = true;
        traits_.algorithm = format == "sha256" ? HashAlgorithm::kSha256 : HashAlgorithm::kSha1;
        has_unknown_format_ = format != "sha256" && format != "sha1";
    }
    return {};
}

Status Advertisement::check() const {
    if (!is_version_2_) {
        return Error{"is no Git server that speaks version 2 of the protocol (Git 2.18 and later)"};
    }
    if (has_unknown_format_) return Error{"the Git server names objects by an unknown digest"};
    if (!has_shallow_) return Error{"the Git server hands out no single commits"};
    return {};
}

// --- ls-refs ---

std::string reference_request(const ServerTraits& server, std::string_view reference) {
    std::string request = command("ls-refs", server) + packet("peel\n") + packet("symrefs\n");
    for (const std::string& name : full_names(reference)) {
        request += packet("ref-prefix " + name + "\n");
    }
    return request + std::string(kFlush);
}

Status ReferenceAnswer::take(PacketKind kind, std::string_view payload) {
    if (kind != PacketKind::kData) return {};
    const std::string_view line = without_newline(payload);
    if (line.starts_with("ERR ")) return said(line.substr(4));
    // "OID NAME [peeled:OID] …"; of a branch without a commit "unborn NAME".
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return Error{"the Git server lists no references"};
    const std::string_view rest = line.substr(space + 1);
    const std::string_view name = rest.substr(0, rest.find(' '));
    const auto names = full_names(reference_);
    const auto* const found = std::ranges::find(names, name);
    const auto rank = static_cast<std::size_t>(names.end() - found);
    if (found == names.end() || rank < rank_) return {};
    std::string_view id = line.substr(0, space);
    constexpr std::string_view kPeeled = " peeled:";
    if (const std::size_t peeled = rest.find(kPeeled); peeled != std::string_view::npos) {
        id = rest.substr(peeled + kPeeled.size());
        id = id.substr(0, id.find(' '));
    }
    const auto parsed = ObjectId::parse(id);
    if (!parsed.has_value() || parsed->algorithm() != algorithm_) return {};
    commit_ = *parsed;
    rank_ = rank;
    return {};
}

// --- fetch ---

std::string fetch_request(const ServerTraits& server, const ObjectId& wanted) {
    return command("fetch", server) + packet("ofs-delta\n") + packet("no-progress\n") +
           packet("deepen 1\n") + packet("want " + wanted.hex() + "\n") + packet("done\n") +
           std::string(kFlush);
}

// Without "done": the server says first whether it knows the way, and stops where it does not. It
// leaves out what the known commit's tree has where the pack may be thin, and else sends all.
std::string fetch_request(const ServerTraits& server, const ObjectId& wanted,
                          const ObjectId& known) {
    return command("fetch", server) + packet("thin-pack\n") + packet("ofs-delta\n") +
           packet("no-progress\n") + packet("shallow " + known.hex() + "\n") +
           packet("deepen 1\n") + packet("want " + wanted.hex() + "\n") +
           packet("have " + known.hex() + "\n") + std::string(kFlush);
}

Status FetchAnswer::take(PacketKind kind, std::string_view payload) {
    if (kind == PacketKind::kFlush) part_ = Part::kDone;
    if (kind == PacketKind::kDelimiter) part_ = Part::kStart;
    if (kind != PacketKind::kData) return {};
    if (part_ == Part::kStart) {
        const std::string_view line = without_newline(payload);
        if (line.starts_with("ERR ")) return said(line.substr(4));
        part_ = line == "packfile" ? Part::kPack : Part::kOther;
        has_pack_ = has_pack_ || part_ == Part::kPack;
        return {};
    }
    if (part_ != Part::kPack) return {};  // what is known on both sides
    // gitprotocol-pack, "side-band": 1 is the pack, 2 is for people, 3 is an error.
    if (payload.empty()) return {};
    if (payload[0] == 1) return on_pack_(payload.substr(1));
    if (payload[0] == 3) return said(payload.substr(1));
    return {};
}

Status FetchAnswer::check() const {
    return part_ == Part::kDone ? Status() : Status(Error{"the Git server's answer is cut off"});
}

}  // namespace merlon::connect::git
