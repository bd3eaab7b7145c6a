#include "inventory/readers.h"

#include <array>

namespace merlon::inventory {
namespace {

using enum packages::Ecosystem;
using enum Role;

constexpr std::array kReaders{
    // npm
    Reader{"npm-package-lock", kNpm, kLock,
           "package-lock.json npm-shrinkwrap.json .package-lock.json", "package.json",
           "direct dev edges checksums licence url", read_package_lock},
    Reader{"yarn-lock", kNpm, kLock, "yarn.lock", "package.json", "edges checksums url",
           read_yarn_lock},
    Reader{"pnpm-lock", kNpm, kLock, "pnpm-lock.yaml", "package.json",
           "direct dev edges checksums url", read_pnpm_lock},
    Reader{"bun-lock", kNpm, kLock, "bun.lock", "package.json", "direct dev edges checksums",
           read_bun_lock},
    Reader{"deno-lock", kNpm, kLock, "deno.lock", "", "direct edges checksums", read_deno_lock},
    Reader{"npm-installed", kNpm, kInstalled, "node_modules//package.json", "", "licence requested",
           read_installed_package_json},
    Reader{"npm-package-json", kNpm, kManifest, "package.json", "", "direct dev requested licence",
           read_package_json},
};

}  // namespace

std::span<const Reader> readers() { return kReaders; }

}  // namespace merlon::inventory
