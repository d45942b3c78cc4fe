# LibTorch: that of CMAKE_PREFIX_PATH or of the system, else that of the PyTorch which python3 has.
# Without one, Torch_FOUND is false and torch_missing says why and what to do.
find_package(Torch 1.13 QUIET GLOBAL)

if(NOT Torch_FOUND)
  set(torch_missing "no LibTorch of version 1.13 or later is found: install Debian's libtorch-dev, or PyTorch for python3")
  find_program(BNCOLLAPSE_PYTHON python3)
  if(BNCOLLAPSE_PYTHON)
    execute_process(
      COMMAND ${BNCOLLAPSE_PYTHON} -c
              "from importlib.util import find_spec as f; s = f('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE pytorch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  find_package(CUDAToolkit QUIET)
  if(pytorch AND EXISTS ${pytorch}/lib/libtorch_cuda.so AND NOT CUDAToolkit_FOUND)
    # Its CMake files would end the configuration.
    set(torch_missing "the PyTorch in ${pytorch} is one for CUDA and needs the CUDA Toolkit: set CUDAToolkit_ROOT")
  elseif(pytorch)
    find_package(Torch 1.13 QUIET GLOBAL PATHS ${pytorch} NO_DEFAULT_PATH)
  endif()
endif()

if(Torch_FOUND AND TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  set(Torch_FOUND FALSE)
  set(torch_missing "LibTorch in ${TORCH_INSTALL_PREFIX} is built for the ABI of before C++11: take PyTorch 2.7 or later")
endif()
