#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/idx.h"
#include "mnist_train/options.h"

namespace mnist {

/// The file of images and the file of labels of a split. Both exist.
struct SplitFiles {
  std::filesystem::path images;
  std::filesystem::path labels;
  LabelForm label_form = LabelForm::kBytes;
  bool transposed = false;    ///< rows and columns of each image are exchanged
  bool for_libtorch = false;  ///< they have the names that LibTorch's own reader looks for
};

/// The directory of a data set, as an absolute path. It is looked for in `requested` if that is not
/// empty, else in $MNIST_DATA_DIR if that is set, else in ./data and then in $XDG_DATA_HOME/mnist
/// (by default ~/.local/share/mnist). Each of these may be the directory of the four files, or a
/// root of torchvision's above it; another set than MNIST is taken from a root only if the user has
/// named that, and only if there is one. Throws Error(kData), which names every place that was
/// tried, and what it holds.
std::filesystem::path find_data_dir(const std::string& requested);

/// The names of those of the two files of a split that the directory lacks.
std::vector<std::string> missing_files(const std::filesystem::path& dir, Split split);

/// The files of a split in the directory `dir`, of the one set that is read from it: MNIST's names
/// (`train-images-idx3-ubyte`), else those of EMNIST's digits (`emnist-digits-train-...`), of its
/// copy of MNIST (`emnist-mnist-...`) or of QMNIST (`qmnist-train-...`). A dot may stand for the
/// hyphen before `idx`, and a file may lie in a directory of its own name. Throws Error(kData) if
/// one of them is missing.
SplitFiles find_split_files(const std::filesystem::path& dir, Split split);

/// What is to be said of that set, ", EMNIST digits, turned upright"; empty for MNIST's names.
std::string describe_set(const std::filesystem::path& dir);

}  // namespace mnist
