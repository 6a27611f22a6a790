#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mnist {

// Readers of the IDX files that MNIST and its relatives consist of: a magic number (two zero bytes,
// the type of the numbers, the number of dimensions), the size of each dimension, and the numbers.
// Sizes are 32-bit; all is big-endian. Format: Y. LeCun, "The MNIST database", section FILE
// FORMATS.
//
// Each reader throws Error(kData) if the file cannot be read, is of another kind or shape, or is
// longer or shorter than its header says.

/// How a file of labels holds them.
enum class LabelForm {
  kBytes,  ///< uint8 [N]
  kQmnist  ///< int32 [N,8], of which the first column is the digit. Source: QMNIST's README
};

/// Checks an image file, uint8 [N,28,28], without reading the pixels. Returns N, which is not 0.
std::int64_t check_idx_images(const std::filesystem::path& path);

/// The pixels of the first `limit` images, or of all if there are fewer: uint8 [N*784], row by row,
/// from 0 for black to 255 for white.
std::vector<std::uint8_t> read_idx_images(const std::filesystem::path& path, std::int64_t limit);

/// All labels: uint8 [N], each from 0 to 9.
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path,
                                          LabelForm form = LabelForm::kBytes);

}  // namespace mnist
