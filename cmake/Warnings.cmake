# kafka_bridge_warnings(TARGET): the house's warnings, errors where KAFKA_BRIDGE_WERROR is on.
option(KAFKA_BRIDGE_WERROR "Treat warnings as errors" OFF)
function(kafka_bridge_warnings target)
  set(flags -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  # Error texts and paths are cut where they are too long, on purpose; clang-tidy reads gcc's flags and
  # does not know that one.
  list(APPEND flags -Wno-format-truncation -Wno-unknown-warning-option)
  if(KAFKA_BRIDGE_WERROR)
    list(APPEND flags -Werror)
  endif()
  target_compile_options(${target} PRIVATE ${flags})
endfunction()
