#pragma once

// The readers of the table in readers.cpp, by file. Each reads one format; what it takes and states
// is in the table.

#include "inventory/reading.h"

namespace merlon::inventory {

// npm.cpp
Status read_package_lock(Reading& reading);
Status read_package_json(Reading& reading);
Status read_installed_package_json(Reading& reading);
Status read_npm_archive(Reading& reading);
// yarn.cpp
Status read_yarn_lock(Reading& reading);
// pnpm.cpp
Status read_pnpm_lock(Reading& reading);
// bun_deno.cpp
Status read_bun_lock(Reading& reading);
Status read_bun_binary_lock(Reading& reading);
Status read_deno_lock(Reading& reading);
Status read_deno_json(Reading& reading);
// python_requirements.cpp
Status read_requirements(Reading& reading);
Status read_pipfile_lock(Reading& reading);
Status read_pipfile(Reading& reading);
Status read_pyproject(Reading& reading);
// python_locks.cpp
Status read_poetry_lock(Reading& reading);
Status read_uv_lock(Reading& reading);
Status read_pdm_lock(Reading& reading);
Status read_pylock(Reading& reading);
// python_setup.cpp
Status read_setup_py(Reading& reading);
Status read_setup_cfg(Reading& reading);
// python_installed.cpp
Status read_python_metadata(Reading& reading);
Status read_python_archive(Reading& reading);
// conda.cpp
Status read_conda_environment(Reading& reading);
Status read_conda_meta(Reading& reading);
Status read_conda_lock(Reading& reading);
Status read_conda_explicit(Reading& reading);
Status read_pixi_lock(Reading& reading);
// go.cpp
Status read_go_mod(Reading& reading);
Status read_go_sum(Reading& reading);
Status read_go_work(Reading& reading);
Status read_vendored_modules(Reading& reading);
// rust.cpp
Status read_cargo_lock(Reading& reading);
Status read_cargo_toml(Reading& reading);
// executable.cpp
Status read_executable(Reading& reading);
// known_programs.cpp
Status read_program_version(Reading& reading);
// maven.cpp
Status read_pom(Reading& reading);
// gradle.cpp
Status read_gradle_lock(Reading& reading);
// gradle_build.cpp
Status read_gradle_build(Reading& reading);
Status read_gradle_verification(Reading& reading);
Status read_gradle_catalog(Reading& reading);
Status read_sbt_lock(Reading& reading);
// jar.cpp
Status read_jar(Reading& reading);
// nuget.cpp
Status read_nuget_lock(Reading& reading);
Status read_packages_config(Reading& reading);
Status read_nuget_graph(Reading& reading);
Status read_msbuild(Reading& reading);
Status read_paket_lock(Reading& reading);
Status read_paket_dependencies(Reading& reading);
Status read_nuspec(Reading& reading);
// ruby.cpp
Status read_gemfile_lock(Reading& reading);
Status read_gemfile(Reading& reading);
Status read_gemspec(Reading& reading);
Status read_project_gemspec(Reading& reading);
// php.cpp
Status read_composer_lock(Reading& reading);
Status read_composer_installed(Reading& reading);
Status read_composer_json(Reading& reading);
// system.cpp
Status read_nothing(Reading& reading);
Status read_dpkg_status(Reading& reading);
Status read_apk_installed(Reading& reading);
Status read_pacman_description(Reading& reading);
Status read_rpm_manifest(Reading& reading);
Status read_os_release(Reading& reading);
// native.cpp
Status read_conan_lock(Reading& reading);
Status read_conanfile_txt(Reading& reading);
Status read_vcpkg_manifest(Reading& reading);
Status read_git_modules(Reading& reading);
// apple.cpp
Status read_swift_resolved(Reading& reading);
Status read_podfile_lock(Reading& reading);
Status read_cartfile_resolved(Reading& reading);
// beam_dart.cpp
Status read_mix_lock(Reading& reading);
Status read_rebar_lock(Reading& reading);
Status read_otp_application(Reading& reading);
Status read_pubspec_lock(Reading& reading);
// science.cpp
Status read_stack_lock(Reading& reading);
Status read_stack_yaml(Reading& reading);
Status read_cabal_freeze(Reading& reading);
Status read_renv_lock(Reading& reading);
Status read_r_description(Reading& reading);
Status read_julia_manifest(Reading& reading);
// small_registries.cpp
Status read_rockspec(Reading& reading);
Status read_opam(Reading& reading);
Status read_cpan_meta(Reading& reading);
// infrastructure.cpp
Status read_github_workflow(Reading& reading);
Status read_terraform_lock(Reading& reading);
// rpm.cpp
Status read_rpm_sqlite(Reading& reading);
Status read_rpm_ndb(Reading& reading);
Status read_rpm_berkeley(Reading& reading);

// registry_settings.cpp
Status read_npmrc(Reading& reading);
Status read_pip_conf(Reading& reading);
Status read_nuget_config(Reading& reading);
Status read_cargo_config(Reading& reading);
Status read_maven_settings(Reading& reading);
// license_files.cpp
Status read_license_file(Reading& reading);
// debian_copyright.cpp
Status read_debian_copyright(Reading& reading);
// bill_of_materials.cpp
Status read_bill_of_materials(Reading& reading);

}  // namespace merlon::inventory
