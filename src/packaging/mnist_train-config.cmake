# find_package(mnist_train) gives mnist_train::mnist_core, the library of everything but the program,
# and mnist_train::mnist_base, the part of it that needs no LibTorch.
include(CMakeFindDependencyMacro)
find_dependency(Torch)
find_dependency(CLI11)
find_dependency(spdlog)
find_dependency(hwy)
find_dependency(nlohmann_json)
find_dependency(PNG)
find_dependency(PkgConfig)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib libcrypto)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
include("${CMAKE_CURRENT_LIST_DIR}/mnist_train.cmake")
