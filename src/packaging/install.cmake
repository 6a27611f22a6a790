# What `cmake --install` and `cpack` take: the program, and under `development` the library.

# The changes and the man page are made when they are installed, so that a build need not wait for them.
set(documents ${PROJECT_BINARY_DIR}/documents)
install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND \"${PROJECT_SOURCE_DIR}/src/packaging/documents.sh\"
                \"${PROJECT_SOURCE_DIR}\" \"$<TARGET_FILE:mnist-train>\" \"${documents}\")" ALL_COMPONENTS)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)
install(TARGETS mnist-train RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md README.zh-CN.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${documents}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(DIRECTORY data/sample scripts/recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/mnist-train)
install(FILES ${documents}/mnist-train.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
install(FILES src/packaging/completion.bash RENAME mnist-train
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mnist_train)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(mnist_train-config-version.cmake COMPATIBILITY SameMajorVersion)
install(TARGETS mnist_core EXPORT mnist_train ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT mnist_train NAMESPACE mnist_train:: DESTINATION ${package_dir})
install(FILES src/packaging/mnist_train-config.cmake ${PROJECT_BINARY_DIR}/mnist_train-config-version.cmake
        DESTINATION ${package_dir})
install(DIRECTORY include/mnist_train DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(development_docdir ${CMAKE_INSTALL_DATADIR}/doc/libmnist-train-dev)
install(FILES ${documents}/changelog.gz DESTINATION ${development_docdir})
install(FILES LICENSE DESTINATION ${development_docdir} RENAME copyright)

# Two Debian packages: mnist-train and libmnist-train-dev.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mnist-train)
set(CPACK_PACKAGE_CONTACT "the authors of mnist-train <mnist-train@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/src/packaging/readable.cmake)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME mnist-train)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "train a multilayer perceptron on MNIST, and use it
Trains the 784-256-256-10 network of the PyTorch tutorials on LibTorch,
tests it, and classifies image files.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS libopenblas0-pthread) # the reference BLAS is slow
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmnist-train-dev)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "library of mnist-train
The model, its engines and its files, for C++ programs on LibTorch.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libtorch-dev, libhwy-dev, nlohmann-json3-dev, libfmt-dev")
include(CPack)
