#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mnist {

// Readers of the kinds of IDX file that MNIST and its relatives consist of: two zero bytes, a byte
// for the type of the numbers, a byte for the number of dimensions, the length of each of them, and
// the numbers. The lengths are 32-bit; all is big-endian. MNIST's images are bytes (type 0x08) in 3
// dimensions [N,28,28], its labels bytes [N]. Format: Y. LeCun, "The MNIST database", section FILE
// FORMATS.
//
// Each reader throws Error(kData), which says what helps, if the file is missing, unreadable,
// packed, of another kind or form, or longer or shorter than its header says.

/// How a file of labels holds them.
enum class LabelForm {
  kBytes,  ///< [N]
  kQmnist  ///< [N,8] int32, of which the first column is the digit. Source: QMNIST's README
};

/// Checks the header of an image file against its size, without reading the pixels. Returns the
/// number of images, each 28 x 28.
std::int64_t check_idx_images(const std::filesystem::path& file);

/// The pixels of the first `limit` images, or of all if there are fewer: [N*784] uint8, row by row,
/// from 0 for black to 255 for white.
std::vector<std::uint8_t> read_idx_images(const std::filesystem::path& file, std::int64_t limit);

/// All labels: [N] uint8. Each has been checked to be a digit from 0 to 9.
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& file,
                                          LabelForm form = LabelForm::kBytes);

}  // namespace mnist
