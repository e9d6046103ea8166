# find_package(swiftgan) gives the imported target swiftgan::swiftgan. The installed tree may be moved as a whole.
get_filename_component(_swiftgan_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET swiftgan::swiftgan)
  add_library(swiftgan::swiftgan SHARED IMPORTED)
  set_target_properties(swiftgan::swiftgan PROPERTIES
    IMPORTED_LOCATION "${_swiftgan_prefix}/lib/libswiftgan.so"
    IMPORTED_SONAME "libswiftgan.so.0"
    INTERFACE_INCLUDE_DIRECTORIES "${_swiftgan_prefix}/include")
endif()
foreach(_swiftgan_file lib/libswiftgan.so include/swiftgan.h)
  if(NOT EXISTS "${_swiftgan_prefix}/${_swiftgan_file}")
    set(swiftgan_FOUND FALSE)
    set(swiftgan_NOT_FOUND_MESSAGE "${_swiftgan_prefix}/${_swiftgan_file} is missing; install swiftgan again")
  endif()
endforeach()
unset(_swiftgan_file)
unset(_swiftgan_prefix)
