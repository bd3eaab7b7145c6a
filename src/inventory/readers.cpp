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
    // Python and conda
    Reader{"python-requirements", kPypi, kLock, "*requirements*.txt requirements/*.txt", "",
           "direct requested checksums url", read_requirements},
    Reader{"python-constraints", kPypi, kAid, "", "", "", read_requirements},
    Reader{"pipfile-lock", kPypi, kLock, "Pipfile.lock", "Pipfile setup.py",
           "direct dev checksums url", read_pipfile_lock},
    Reader{"pipfile", kPypi, kManifest, "Pipfile", "", "direct dev requested", read_pipfile},
    Reader{"poetry-lock", kPypi, kLock, "poetry.lock", "pyproject.toml setup.py",
           "direct dev edges checksums url", read_poetry_lock},
    Reader{"uv-lock", kPypi, kLock, "uv.lock *.py.lock", "pyproject.toml setup.py",
           "direct dev edges checksums url", read_uv_lock},
    Reader{"pdm-lock", kPypi, kLock, "pdm.lock", "pyproject.toml setup.py",
           "direct dev edges checksums url", read_pdm_lock},
    Reader{"pylock", kPypi, kLock, "pylock.toml pylock.*.toml", "pyproject.toml setup.py",
           "direct edges checksums url", read_pylock},
    Reader{"pyproject", kPypi, kManifest, "pyproject.toml", "", "direct dev requested licence",
           read_pyproject},
    Reader{"python-setup", kPypi, kManifest, "setup.py", "", "direct dev requested", read_setup_py},
    Reader{"python-installed", kPypi, kInstalled,
           "*.dist-info/METADATA *.egg-info/PKG-INFO *.egg-info EGG-INFO/PKG-INFO", "", "licence",
           read_python_metadata},
    Reader{"conda-environment", kConda, kLock, "environment*.yml environment*.yaml", "",
           "direct requested", read_conda_environment},
    Reader{"conda-installed", kConda, kInstalled, "conda-meta/*.json", "",
           "direct requested checksums licence url", read_conda_meta},
    Reader{"conda-lock", kConda, kLock, "conda-lock.yml *.conda-lock.yml", "",
           "dev edges checksums url", read_conda_lock},
    Reader{"conda-explicit", kConda, kLock, "conda-*.lock", "", "checksums url",
           read_conda_explicit},
    Reader{"pixi-lock", kConda, kLock, "pixi.lock", "", "checksums licence url", read_pixi_lock},
    // Go and Rust
    Reader{"go-mod", kGo, kLock, "go.mod", "", "direct checksums", read_go_mod},
    Reader{"go-sum", kGo, kAid, "go.sum", "", "checksums", read_go_sum},
    Reader{"go-vendor", kGo, kLock, "vendor/modules.txt", "", "direct", read_vendored_modules},
    Reader{"cargo-lock", kCargo, kLock, "Cargo.lock", "Cargo.toml",
           "direct dev edges checksums url", read_cargo_lock},
    Reader{"cargo-toml", kCargo, kManifest, "Cargo.toml", "", "direct dev requested licence",
           read_cargo_toml},
    Reader{"executable", kGo, kInstalled, "", "", "checksums edges", read_executable,
           ReadAs::kBytes},
    // Java
    Reader{"maven-pom", kMaven, kLock, "pom.xml", "", "direct dev requested licence", read_pom},
    Reader{"maven-repository-pom", kMaven, kAid, "*.pom", "", "", read_pom},
    Reader{"gradle-lock", kMaven, kLock,
           "gradle.lockfile buildscript-gradle.lockfile dependency-locks/*.lockfile", "", "dev",
           read_gradle_lock},
    Reader{"gradle-verification", kMaven, kLock, "verification-metadata.xml", "", "checksums",
           read_gradle_verification},
    Reader{"gradle-catalog", kMaven, kLock, "*.versions.toml", "", "direct requested",
           read_gradle_catalog},
    Reader{"sbt-lock", kMaven, kLock, "*.sbt.lock", "", "dev checksums", read_sbt_lock},
    Reader{"java-archive", kMaven, kInstalled,
           "*.jar *.war *.ear *.par *.sar *.nar *.jpi *.hpi *.kar *.lpkg", "", "checksums",
           read_jar, ReadAs::kBytes},
    // .NET, Ruby, PHP
    Reader{"nuget-lock", kNuget, kLock, "packages.lock.json packages.*.lock.json", "",
           "direct edges checksums requested", read_nuget_lock},
    Reader{"nuget-packages-config", kNuget, kLock, "packages.config packages.*.config", "", "dev",
           read_packages_config},
    Reader{"nuget-deps", kNuget, kInstalled, "*.deps.json", "", "edges checksums",
           read_nuget_graph},
    Reader{"nuget-assets", kNuget, kLock, "project.assets.json", "",
           "direct edges checksums requested", read_nuget_graph},
    Reader{"nuget-project", kNuget, kLock,
           "*.csproj *.fsproj *.vbproj Directory.Packages.props Directory.Build.props "
           "Packages.props Directory.Build.targets",
           "", "direct dev requested", read_msbuild},
    Reader{"paket-lock", kNuget, kLock, "paket.lock", "paket.dependencies", "direct edges",
           read_paket_lock},
    Reader{"paket-dependencies", kNuget, kManifest, "paket.dependencies", "", "direct requested",
           read_paket_dependencies},
    Reader{"gemfile-lock", kGem, kLock, "Gemfile.lock gems.locked Gemfile*.lock *.gemfile.lock",
           "Gemfile gems.rb", "direct edges checksums requested", read_gemfile_lock},
    Reader{"gem-installed", kGem, kInstalled, "specifications/*.gemspec", "", "licence",
           read_gemspec},
    Reader{"gemspec", kGem, kInstalled, "*.gemspec", "", "licence", read_gemspec},
    Reader{"composer-lock", kComposer, kLock, "composer.lock", "composer.json",
           "direct dev edges checksums licence url", read_composer_lock},
    Reader{"composer-installed", kComposer, kInstalled, "composer/installed.json", "",
           "dev edges checksums licence url", read_composer_installed},
    Reader{"composer-json", kComposer, kManifest, "composer.json", "",
           "direct dev requested licence", read_composer_json},
    // Distributions
    Reader{"dpkg-sums", kDeb, kAid, "dpkg/status.d/*.md5sums", "", "", read_nothing},
    Reader{"dpkg-status", kDeb, kInstalled,
           "var/lib/dpkg/status var/lib/dpkg/status.d/* usr/lib/opkg/status var/lib/opkg/status",
           "", "edges source", read_dpkg_status},
    Reader{"vcpkg-status", kVcpkg, kInstalled, "vcpkg/status", "", "edges", read_dpkg_status},
    Reader{"apk-installed", kApk, kInstalled, "lib/apk/db/installed", "",
           "edges checksums licence source", read_apk_installed},
    Reader{"pacman-local", kAlpm, kInstalled, "var/lib/pacman/local/*/desc", "", "licence source",
           read_pacman_description},
    Reader{"rpm-sqlite", kRpm, kInstalled, "rpm/rpmdb.sqlite", "", "edges checksums licence source",
           read_rpm_sqlite, ReadAs::kBytes},
    Reader{"rpm-ndb", kRpm, kInstalled, "rpm/Packages.db", "", "edges checksums licence source",
           read_rpm_ndb, ReadAs::kBytes},
    Reader{"rpm-berkeley", kRpm, kInstalled, "rpm/Packages", "", "edges checksums licence source",
           read_rpm_berkeley, ReadAs::kBytes},
    Reader{"rpm-manifest", kRpm, kInstalled, "rpmmanifest/container-manifest-2", "", "source",
           read_rpm_manifest},
    Reader{"os-release", kGeneric, kAid, "etc/os-release usr/lib/os-release", "", "",
           read_os_release},
    // C and C++, repositories
    Reader{"conan-lock", kConan, kLock, "conan.lock", "conanfile.txt", "direct dev edges",
           read_conan_lock},
    Reader{"conanfile", kConan, kManifest, "conanfile.txt", "", "direct dev requested",
           read_conanfile_txt},
    Reader{"vcpkg-manifest", kVcpkg, kManifest, "vcpkg.json", "", "direct dev requested",
           read_vcpkg_manifest},
    Reader{"git-modules", kGit, kLock, ".gitmodules", "", "direct url", read_git_modules},
    // Swift, Objective-C
    Reader{"swift-resolved", kSwift, kLock, "Package.resolved .package.resolved", "", "url",
           read_swift_resolved},
    Reader{"podfile-lock", kCocoapods, kLock, "Podfile.lock", "", "direct edges requested url",
           read_podfile_lock},
    Reader{"cartfile-resolved", kCarthage, kLock, "Cartfile.resolved", "", "url",
           read_cartfile_resolved},
    // Dart, Elixir, Erlang
    Reader{"pubspec-lock", kPub, kLock, "pubspec.lock", "", "direct dev checksums url",
           read_pubspec_lock},
    Reader{"mix-lock", kHex, kLock, "mix.lock", "", "edges checksums url", read_mix_lock},
    Reader{"rebar-lock", kHex, kLock, "rebar.lock", "", "direct checksums url", read_rebar_lock},
    // Haskell, R, Julia
    Reader{"stack-lock", kHackage, kLock, "stack.yaml.lock", "stack.yaml", "url", read_stack_lock},
    Reader{"stack-yaml", kHackage, kManifest, "stack.yaml", "", "direct checksums",
           read_stack_yaml},
    Reader{"cabal-freeze", kHackage, kLock, "cabal.project.freeze", "", "", read_cabal_freeze},
    Reader{"renv-lock", kCran, kLock, "renv.lock", "", "edges url", read_renv_lock},
    Reader{"r-installed", kCran, kInstalled, "DESCRIPTION", "", "licence", read_r_description},
    Reader{"julia-manifest", kJulia, kLock, "Manifest.toml JuliaManifest.toml Manifest-v*.toml", "",
           "edges url", read_julia_manifest},
    // Pipelines and infrastructure
    Reader{"github-actions", kGithubActions, kLock,
           ".github/workflows/*.yml .github/workflows/*.yaml action.yml action.yaml", "", "direct",
           read_github_workflow},
    Reader{"terraform-lock", kTerraform, kLock, ".terraform.lock.hcl", "",
           "direct checksums requested", read_terraform_lock},
    // Where packages come from
    Reader{"npmrc", kNpm, kAid, ".npmrc", "", "", read_npmrc},
    Reader{"pip-conf", kPypi, kAid, "pip.conf pip.ini", "", "", read_pip_conf},
    Reader{"nuget-config", kNuget, kAid, "nuget.config NuGet.config NuGet.Config", "", "",
           read_nuget_config},
    Reader{"gemfile", kGem, kAid, "Gemfile gems.rb", "", "", read_gemfile},
    Reader{"cargo-config", kCargo, kAid, ".cargo/config.toml .cargo/config", "", "",
           read_cargo_config},
    Reader{"maven-settings", kMaven, kAid, ".mvn/settings.xml settings.xml", "", "",
           read_maven_settings},
    // Licences
    Reader{"licence-file", kGeneric, kAid,
           "LICENSE LICENSE.* LICENSE-* LICENCE LICENCE.* LICENCE-* COPYING COPYING.* UNLICENSE "
           "NOTICE NOTICE.* *-LICENSE *-LICENSE.txt *-LICENSE.md License License.txt License.md "
           "License.rst Licence.txt license license.txt license.md license.rst licence.txt "
           "licence.md LICENSES/*.txt",
           "", "licence", read_license_file},
    // What others wrote down already
    Reader{
        "sbom", kUnknown, kLock,
        "*.cdx.json *.cdx.xml bom.json bom.xml sbom.json *.spdx.json *.spdx.yaml *.spdx.yml *.spdx "
        "*.syft.json",
        "", "direct edges checksums licence url", read_bill_of_materials},
};

}  // namespace

std::span<const Reader> readers() { return kReaders; }

}  // namespace merlon::inventory
