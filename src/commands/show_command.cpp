#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>

#include "augment/augmentation.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "mnist_train/shape.h"
#include "picture/labeled_grid.h"
#include "picture/picture_file.h"
#include "run/predictions.h"
#include "terminal/console.h"
#include "terminal/gallery.h"
#include "train/engine.h"
#include "train/images.h"

namespace mnist {
namespace {

/// The images to show, by their positions in the data set: the first that fit the options, from a
/// position on or in random order. `predictions` is empty unless they decide what fits. Throws
/// Error(kUsage) if there is no such position.
std::vector<std::int64_t> choose(const Dataset& data, const ShowOptions& options,
                                 const std::vector<TestPrediction>& predictions) {
  if (options.first >= data.size()) {
    fail(ErrorKind::kUsage, "--index: expected a position from 0 to {}, found {}", data.size() - 1,
         options.first);
  }
  const torch::Tensor order = options.random ? epoch_order(data.size(), options.seed, 1)
                                             : torch::arange(options.first, data.size());
  const auto positions = order.accessor<std::int64_t, 1>();
  const auto labels = data.labels.accessor<std::int64_t, 1>();
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < positions.size(0); ++i) {
    const std::int64_t position = positions[i];
    const bool fits = labels[position] == options.digit.value_or(labels[position]) &&
                      (!options.wrong || !predictions[position].is_correct());
    if (fits) chosen.push_back(position);
    if (std::ssize(chosen) == options.count) break;
  }
  return chosen;
}

/// The images at these positions as training gets them in an epoch.
torch::Tensor augmented(const Dataset& data, const std::vector<std::int64_t>& positions,
                        const ShowOptions& options) {
  SparseImages result;
  constexpr int kThreads = 1;
  Augmentation(options.augment, options.seed)
      .apply(to_sparse(data.images), positions, options.epoch, kThreads, result);
  return to_dense(result);
}

std::vector<Captioned> select(const Dataset& data, const ShowOptions& options) {
  std::vector<TestPrediction> predictions;
  if (options.wrong) {
    const torch::Tensor logits = sparse_logits(read_model(options.model), data.images, 1);
    predictions = test_predictions(logits, data.labels);
  }
  std::vector<std::int64_t> positions = choose(data, options, predictions);
  std::vector<Captioned> images;
  for (const std::int64_t i : positions) {
    std::string title = std::to_string(data.labels[i].item<std::int64_t>());
    std::string detail = fmt::format("#{}", i);
    if (options.wrong) {
      title += fmt::format(" as {}", predictions[i].predicted);
      detail += fmt::format("  {:.0f} %", 100 * predictions[i].probability);
    }
    images.push_back({title, detail, image_at(data, i)});
  }
  if (options.augment.kind != Augment::kNone) {
    const Dataset shown{augmented(data, positions, options), {}};
    for (std::size_t i = 0; i < images.size(); ++i)
      images[i].image = image_at(shown, static_cast<std::int64_t>(i));
  }
  return images;
}

void draw_all(const std::vector<Captioned>& images) {
  const Display display = display_of(STDOUT_FILENO);
  const std::size_t across = images_across(display.columns);
  for (std::size_t begin = 0; begin < images.size(); begin += across) {
    const std::size_t count = std::min(across, images.size() - begin);
    write_out(gallery_row(std::span(images).subspan(begin, count), display.has_grays) + "\n");
  }
}

/// "60000 training images, each [1, 28, 28] uint8 from 0 to 255; 20 shown"
std::string summary(const Dataset& data, Split split, const std::string& set, std::size_t shown,
                    const std::string& file) {
  return fmt::format("{} {} images{}, each [1, {}, {}] uint8 from {} to {}; {} {}\n", data.size(),
                     split == Split::kTrain ? "training" : "test", set, kImageSide, kImageSide,
                     data.images.min().item<std::uint8_t>(), data.images.max().item<std::uint8_t>(),
                     shown, file.empty() ? "shown" : "in " + printable(file));
}

}  // namespace

ExitCode show_command(const ShowOptions& options) {
  const Split split = options.shown_split();
  const std::filesystem::path dir = find_data_dir(options.data_dir);
  const Dataset data = load_split(dir, split);
  const std::vector<Captioned> images = select(data, options);
  if (options.png.empty()) {
    draw_all(images);
  } else if (!images.empty()) {
    constexpr std::size_t kAcross = 10;
    write_file(options.png, encode_png(labeled_grid(images, kAcross)));
  } else {
    fail(ErrorKind::kUsage, "--png: no images match");
  }
  write_out(summary(data, split, describe_set(dir), images.size(), options.png));
  return ExitCode::kDone;
}

}  // namespace mnist
