// Proofs of single events (c2sp.org/tlog-proof).

#include <fmt/core.h>

#include <charconv>

#include "evidence/audit.h"
#include "text/base64.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::size_t kMaxProofHashes = 63;  // of a tree of fewer than 2^63 entries
constexpr std::size_t kMaxProofBytes = std::size_t{64} << 20;

std::string base64(std::string_view bytes) {
    return text::encode_base64(bytes, text::Base64Alphabet::kStandard);
}

Error wrong(std::string_view what) { return Error{fmt::format("no proof of an event: {}", what)}; }

struct Proof {
    std::string entry;
    std::uint64_t index = 0;
    std::vector<TreeHash> hashes;
    std::string_view note;
};

class ProofReader {
  public:
    explicit ProofReader(std::string_view bytes) : rest_(bytes) {}

    Result<Proof> read() {
        if (rest_.size() > kMaxProofBytes) return wrong("too long");
        if (line() != kFirstLine) return wrong("its first line is another");
        Proof proof;
        const std::string_view extra = line();
        if (!extra.starts_with(kExtra)) return wrong("no line 'extra' with the event");
        proof.entry = MERLON_TRY(decoded(extra.substr(kExtra.size())));
        std::string_view index = line();
        if (!index.starts_with(kIndex)) return wrong("no line 'index'");
        index.remove_prefix(kIndex.size());
        const char* const end = index.data() + index.size();
        const auto number = std::from_chars(index.data(), end, proof.index);
        if (number.ec != std::errc{} || number.ptr != end) return wrong("'index' is no number");
        for (std::string_view hash = line(); !hash.empty(); hash = line()) {
            if (proof.hashes.size() == kMaxProofHashes) return wrong("too many hashes");
            const auto read = tree_hash(MERLON_TRY(decoded(hash)));
            if (!read) return wrong("a line that is no SHA-256");
            proof.hashes.push_back(*read);
        }
        proof.note = rest_;
        return proof;
    }

  private:
    std::string_view line() {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return line;
    }
    static Result<std::string> decoded(std::string_view text) {
        return text::decode_base64(text, text::Base64Alphabet::kStandard);
    }
    std::string_view rest_;
};

}  // namespace

Result<std::string> prove_event(Database& database, std::int64_t seq) {
    std::string note;
    MERLON_TRY(database.each_row("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", {},
                                 [&](Cells row) { note = text_of(row[0]); }));
    const std::int64_t last =
        MERLON_TRY(database.number("SELECT coalesce(max(seq), 0) FROM event", {}, 0));
    if (seq < 1 || seq > last)
        return Error{
            fmt::format("the log has {} events, numbered from 1, and no event {}", last, seq)};
    if (note.empty()) return Error{"the log was not signed yet: run 'merlon audit checkpoint'"};
    const Checkpoint checkpoint = MERLON_TRY(read_checkpoint(note, nullptr)).checkpoint;
    if (static_cast<std::uint64_t>(seq) > checkpoint.size) {
        return Error{fmt::format(
            "the last checkpoint has {} events and not event {}; run 'merlon audit checkpoint'",
            checkpoint.size, seq)};
    }
    std::vector<TreeHash> leaves;
    std::string entry;
    MERLON_TRY(each_event(database, 0, kAllEvents, [&](const Event& event) {
        if (leaves.size() == checkpoint.size) return;
        const std::string bytes = event_bytes(event);
        leaves.push_back(leaf_hash(bytes));
        if (event.seq == seq) entry = bytes;
    }));
    if (entry.empty() || leaves.size() != checkpoint.size)
        return Error{"the log has fewer events than its checkpoint: run 'merlon store check'"};
    const auto index = static_cast<std::uint64_t>(seq) - 1;
    std::string proof =
        fmt::format("{}\n{}{}\n{}{}\n", kFirstLine, kExtra, base64(entry), kIndex, index);
    for (const TreeHash& hash : inclusion_proof(leaves, index))
        proof += base64(bytes_of(hash)) + "\n";
    return proof + "\n" + note;
}

bool is_event_proof(std::string_view bytes) { return bytes.starts_with(kFirstLine); }

Result<ProvenEvent> verify_event_proof(std::string_view bytes, const NoteVerifier* verifier) {
    const Proof proof = MERLON_TRY(ProofReader(bytes).read());
    const SignedCheckpoint read = MERLON_TRY(read_checkpoint(proof.note, verifier));
    ProvenEvent proven{.event = MERLON_TRY(parse_event_bytes(proof.entry)),
                       .checkpoint = read.checkpoint,
                       .is_signed = read.signature == NoteSignature::kValid,
                       .problem = {}};
    if (verifier != nullptr && !proven.is_signed) {
        proven.problem = fmt::format(
            "the checkpoint of the proof is not signed by {}; where the log's key was "
            "changed, 'merlon audit verify' of an export says which it is",
            short_name(*verifier));
        return proven;
    }
    const auto root = root_of_inclusion(leaf_hash(proof.entry), proof.index, proven.checkpoint.size,
                                        proof.hashes);
    if (root != proven.checkpoint.root)
        proven.problem = "the proof does not lead to the root of its checkpoint";
    return proven;
}

}  // namespace merlon::evidence
