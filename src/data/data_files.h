#pragma once

#include <filesystem>
#include <string>

#include "mnist_train/options.h"

namespace mnist {

/// The file of images and the file of labels of a split. Both exist.
struct SplitFiles {
  std::filesystem::path images;
  std::filesystem::path labels;
};

/// The folder that holds the files of a data set, as an absolute path. It is looked for in
/// `requested` if that is not empty, else in $MNIST_DATA_DIR if that is set, else in ./data and
/// then in $XDG_DATA_HOME/mnist (by default ~/.local/share/mnist). Each of these may be the folder
/// of the four files, or a root of torchvision's above it. Throws Error(kData), which names every
/// place that was tried.
std::filesystem::path find_data_dir(const std::string& requested);

/// The files of a split in the folder `dir`, under their usual names (`train-images-idx3-ubyte`) or
/// under names with a dot (`train-images.idx3-ubyte`). Throws Error(kData) if one of them is
/// missing or still packed.
SplitFiles find_split_files(const std::filesystem::path& dir, Split split);

}  // namespace mnist
