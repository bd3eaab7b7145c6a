# The program `merlon`, with its own rule pack inside, so that the lone file works.

# rules/secrets/*.toml, joined in the order of their names, become one object by the assembler's
# .incbin: no copy in source form, and a changed rule relinks in a second. Beside the text stands its
# compiled form (tools/rules/make_pack.cpp). ccache does not see what .incbin takes: a header names
# both by their digests, so that a changed rule is not taken for the one of an earlier build.
function(merlon_embed_rules target)
  file(GLOB packs CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/rules/secrets/*.toml")
  list(SORT packs)
  set(joined "${CMAKE_CURRENT_BINARY_DIR}/secrets.toml")
  add_custom_command(OUTPUT "${joined}" COMMAND ${CMAKE_COMMAND} -E cat ${packs} > "${joined}"
    DEPENDS ${packs} COMMENT "Joining the rule pack" VERBATIM)
  set(compiled "${CMAKE_CURRENT_BINARY_DIR}/secrets.pack")
  add_custom_command(OUTPUT "${compiled}" "${compiled}.h" COMMAND make_pack "${compiled}" "${joined}"
    DEPENDS make_pack "${joined}" COMMENT "Compiling the rule pack" VERBATIM)
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/cli/embedded_rules.cpp" PROPERTIES
    COMPILE_DEFINITIONS
    "MERLON_RULES_FILE=\"${joined}\";MERLON_COMPILED_RULES_FILE=\"${compiled}\";MERLON_RULES_DIGESTS_FILE=\"${compiled}.h\""
    OBJECT_DEPENDS "${joined};${compiled};${compiled}.h")
  target_sources(${target} PRIVATE "${joined}" "${compiled}")
endfunction()

add_executable(make_pack "${CMAKE_SOURCE_DIR}/tools/rules/make_pack.cpp")
target_link_libraries(make_pack PRIVATE merlon_secrets)
target_include_directories(make_pack PRIVATE "${CMAKE_SOURCE_DIR}/src")

merlon_embed_rules(merlon_cli)
target_compile_definitions(merlon_cli PRIVATE "MERLON_VERSION=\"${PROJECT_VERSION}\"")

add_executable(merlon "${CMAKE_SOURCE_DIR}/src/main.cpp")
target_link_libraries(merlon PRIVATE merlon_cli merlon_compat_conftest merlon_compat_gitleaks
  merlon_compat_grype merlon_compat_opa merlon_compat_osv_scanner merlon_compat_trivy)
if(NOT MERLON_SANITIZE)
  target_link_options(merlon PRIVATE -static-libstdc++ -static-libgcc)
endif()
# 42,000 places hold an address of the program itself. As a megabyte of records they are a third of the
# time to start; packed (RELR) they are 14 kB. mold 1.10 packs them without the mark that the C
# library's loader asks for, and so the program alone is linked by GNU ld.
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=bfd -Wl,-z,pack-relative-relocs)
check_cxx_source_runs("int main() {}" MERLON_PACKS_RELOCATIONS)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
if(MERLON_PACKS_RELOCATIONS AND CMAKE_BUILD_TYPE STREQUAL "Release")
  set_target_properties(merlon PROPERTIES MERLON_LINKER bfd)
  target_link_options(merlon PRIVATE -Wl,-z,pack-relative-relocs)
endif()
set_target_properties(merlon PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

# `make install`: the program, its man page and completions, all from the one flag table.
include(GNUInstallDirs)
install(TARGETS merlon RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(CODE "
  set(merlon \"${CMAKE_BINARY_DIR}/merlon\")
  set(share \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATAROOTDIR}\")
  foreach(pair man=man/man1/merlon.1 completion,bash=bash-completion/completions/merlon
               completion,zsh=zsh/site-functions/_merlon
               completion,fish=fish/vendor_completions.d/merlon.fish)
    string(REPLACE \"=\" \";\" parts \${pair})
    list(GET parts 0 words)
    list(GET parts 1 place)
    string(REPLACE \",\" \";\" words \${words})
    execute_process(COMMAND \${merlon} \${words} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    file(WRITE \"\${share}/\${place}\" \"\${text}\")
  endforeach()")
