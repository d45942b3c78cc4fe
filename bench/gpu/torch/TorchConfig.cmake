# A stand-in for the LibTorch of the GPU machine's PyTorch, which is not here: CMake reads from it how the programs on LibTorch are
# compiled and linked (bench/gpu/kit.py), and nothing is built with it. ${STAND_IN} is its folder; kit.py puts the machine's own in
# its place. BNCOLLAPSE_STAND_IN_CUDA: whether that LibTorch has CUDA.
set(STAND_IN ${CMAKE_BINARY_DIR}/stand-in)
set(TORCH_INCLUDE_DIRS ${STAND_IN}/include ${STAND_IN}/include/torch/csrc/api/include)
file(MAKE_DIRECTORY ${TORCH_INCLUDE_DIRS})  # an imported target's folders must exist
set(libraries torch torch_cpu c10)
if(BNCOLLAPSE_STAND_IN_CUDA)
  list(APPEND libraries torch_cuda c10_cuda cudart)
endif()
foreach(library ${libraries})
  add_library(${library} SHARED IMPORTED)
  set_target_properties(${library} PROPERTIES IMPORTED_LOCATION ${STAND_IN}/lib/lib${library}.so
                                              INTERFACE_INCLUDE_DIRECTORIES "${TORCH_INCLUDE_DIRS}")
endforeach()
set(TORCH_LIBRARIES ${libraries})
