# The program `merlon`, with its own rule pack inside, so that the lone file works.

# rules/secrets/*.toml, joined in the order of their names, become one object by the assembler's
# .incbin: no copy in source form, and a changed rule relinks in a second.
function(merlon_embed_rules target)
  file(GLOB packs CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/rules/secrets/*.toml")
  list(SORT packs)
  set(joined "${CMAKE_CURRENT_BINARY_DIR}/secrets.toml")
  add_custom_command(OUTPUT "${joined}" COMMAND ${CMAKE_COMMAND} -E cat ${packs} > "${joined}"
    DEPENDS ${packs} COMMENT "Joining the rule pack" VERBATIM)
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/cli/embedded_rules.cpp" PROPERTIES
    COMPILE_DEFINITIONS "MERLON_RULES_FILE=\"${joined}\"" OBJECT_DEPENDS "${joined}")
  target_sources(${target} PRIVATE "${joined}")
endfunction()

merlon_embed_rules(merlon_cli)
target_compile_definitions(merlon_cli PRIVATE "MERLON_VERSION=\"${PROJECT_VERSION}\"")

add_executable(merlon "${CMAKE_SOURCE_DIR}/src/main.cpp")
target_link_libraries(merlon PRIVATE merlon_cli merlon_compat_gitleaks)
if(NOT MERLON_SANITIZE)
  target_link_options(merlon PRIVATE -static-libstdc++ -static-libgcc)
endif()
set_target_properties(merlon PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
