# Finds librdkafka as PkgConfig::RDKAFKA: the system's, or one beside it whose prefix (where make install
# or CMake put include/ and lib/) is RDKAFKA_ROOT.
set(RDKAFKA_ROOT "" CACHE PATH "Prefix of the librdkafka to use; empty: pkg-config's")
if(NOT "${RDKAFKA_ROOT}" STREQUAL "${KAFKA_BRIDGE_RDKAFKA_WAS}")
  # pkg_check_modules, and what was found out by compiling, would keep the other one's answers.
  get_cmake_property(cached CACHE_VARIABLES)
  foreach(variable ${cached})
    if(variable MATCHES "^(RDKAFKA_|pkgcfg_lib_RDKAFKA|__pkg_config_checked_RDKAFKA|KAFKA_BRIDGE_HAS_RDKAFKA)"
       AND NOT variable STREQUAL "RDKAFKA_ROOT")
      unset(${variable} CACHE)
    endif()
  endforeach()
endif()
set(KAFKA_BRIDGE_RDKAFKA_WAS "${RDKAFKA_ROOT}" CACHE INTERNAL "RDKAFKA_ROOT of the last run")

if(RDKAFKA_ROOT)
  file(GLOB description "${RDKAFKA_ROOT}/lib*/pkgconfig/rdkafka.pc"
    "${RDKAFKA_ROOT}/lib/*/pkgconfig/rdkafka.pc" "${RDKAFKA_ROOT}/share/pkgconfig/rdkafka.pc")
  if(NOT description)
    message(FATAL_ERROR "RDKAFKA_ROOT is ${RDKAFKA_ROOT}, and there is no lib/pkgconfig/rdkafka.pc below it: give the prefix where librdkafka was installed (its ./configure --prefix, or CMAKE_INSTALL_PREFIX)")
  endif()
  # pkg-config looks below these first.
  #catkin_lint: ignore_once critical_var_append
  list(INSERT CMAKE_PREFIX_PATH 0 "${RDKAFKA_ROOT}")
  # The installed nodes find it as the built ones do.
  set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
endif()
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka>=1.2)
message(STATUS "librdkafka ${RDKAFKA_VERSION} in ${RDKAFKA_LIBDIR}")
