// Audit exports, proofs of events, checkpoints, keys and their changes: what comes from elsewhere
// to be verified.

#include <cstdint>
#include <string_view>

#include "evidence/audit.h"
#include "evidence/key_rotation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::evidence;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto verifier = parse_verifier(bytes.substr(0, bytes.find('\n')));
    const auto signer = parse_signer(bytes.substr(0, bytes.find('\n')));
    const NoteVerifier* const known = verifier.ok() ? &verifier.value() : nullptr;
    (void)signer;
    (void)read_checkpoint(bytes, known);
    (void)verify_event_proof(bytes, known);
    (void)verify_export(bytes, {}, [](std::string_view) {});
    Event change;
    change.kind = event_kind::kAuditKey;
    change.body = bytes;
    const auto told = read_key_change(change);
    // What is read is what was signed, to the byte.
    if (told.ok() && !told.value().note.starts_with(to_text(told.value().change))) __builtin_trap();
    const auto event = parse_event_bytes(bytes);
    if (event.ok() && event_bytes(event.value()) != bytes) __builtin_trap();
    return 0;
}
