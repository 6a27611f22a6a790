# find_package(mnist_train) gives mnist_train::mnist_core, the library: data, model, engines,
# training and evaluation.
include(CMakeFindDependencyMacro)
find_dependency(Torch)
find_dependency(hwy)
find_dependency(nlohmann_json)
find_dependency(fmt)
include("${CMAKE_CURRENT_LIST_DIR}/mnist_train.cmake")
