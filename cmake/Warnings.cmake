# kafka_bridge_warnings(TARGET): the house's warnings, errors where KAFKA_BRIDGE_WERROR is on.
option(KAFKA_BRIDGE_WERROR "Treat warnings as errors" OFF)
function(kafka_bridge_warnings target)
  set(flags -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(KAFKA_BRIDGE_WERROR)
    list(APPEND flags -Werror)
  endif()
  target_compile_options(${target} PRIVATE ${flags})
endfunction()
