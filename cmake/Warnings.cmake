# kafka_bridge_warnings(TARGET): the house's warnings, errors where KAFKA_BRIDGE_WERROR is on.
option(KAFKA_BRIDGE_WERROR "Treat warnings as errors" OFF)
function(kafka_bridge_warnings target)
  set(flags -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  # Error texts and paths are cut where they are too long, on purpose. clang does not know the flag.
  list(APPEND flags -Wno-format-truncation)
  if(CMAKE_C_COMPILER_ID MATCHES Clang)
    list(APPEND flags -Wno-unknown-warning-option)
  endif()
  if(KAFKA_BRIDGE_WERROR)
    list(APPEND flags -Werror)
  endif()
  target_compile_options(${target} PRIVATE ${flags})
endfunction()
