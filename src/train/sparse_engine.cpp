#include <algorithm>
#include <utility>

#include "augment/augmentation.h"
#include "kernels/kernels.h"
#include "mnist_train/shape.h"
#include "mnist_train/train.h"
#include "sparse/network.h"
#include "train/engine.h"
#include "train/images.h"
#include "train/schedule.h"

namespace mnist {
namespace {

/// Where the elements of contiguous tensors of float32 are.
std::vector<float*> pointers(const std::vector<torch::Tensor>& tensors) {
  std::vector<float*> result;
  for (const torch::Tensor& tensor : tensors) result.push_back(tensor.data_ptr<float>());
  return result;
}

/// Computes with what is not zero only: on the CPU, in float32, without autograd. See
/// src/sparse/README.md.
class SparseEngine : public Engine {
 public:
  SparseEngine(Mlp model, const Dataset& train, const TrainingOptions& options, int threads)
      : model_(std::move(model)),
        options_(options),
        threads_(threads),
        labels_(train.labels.contiguous()),
        images_(to_sparse(train.images)),
        augmentation_(make_augmentation(options)),
        network_(options, static_cast<std::size_t>(std::min(options.batch, train.size())),
                 static_cast<std::size_t>(threads)) {}

  std::string name() const override { return std::string("sparse (") + simd_target() + ")"; }
  int threads() const override { return static_cast<int>(network_.threads()); }

  std::optional<double> train_epoch(std::int64_t epoch, const StepCallback& on_step) override {
    network_.load(SparseNetwork::kParameters, pointers(model_->parameters()));
    const torch::Tensor order = image_order(options_, epoch, labels_.size(0));
    double loss = 0.0;
    for (const Segment& segment : segments(options_, epoch, order.numel())) {
      const std::optional<double> part = train_segment(segment, epoch, order, on_step);
      if (!part) return std::nullopt;
      loss += *part;
    }
    network_.store(SparseNetwork::kParameters, pointers(model_->parameters()));
    return loss / static_cast<double>(order.numel());
  }

  torch::Tensor logits(const torch::Tensor& images) override {
    return sparse_logits(model_, images, threads_);
  }

  std::vector<torch::Tensor> velocities() override {
    std::vector<torch::Tensor> copies = copy_parameters(*model_);  // of the same shapes
    network_.store(SparseNetwork::kVelocities, pointers(copies));
    return copies;
  }

  void set_velocities(const std::vector<torch::Tensor>& velocities) override {
    network_.load(SparseNetwork::kVelocities, pointers(velocities));
  }

 private:
  /// Returns the sum of the losses of the segment's images.
  std::optional<double> train_segment(const Segment& segment, std::int64_t epoch,
                                      const torch::Tensor& order, const StepCallback& on_step) {
    const torch::Tensor indices = order.slice(0, segment.begin, segment.end);
    const auto on_image = [&](std::size_t images_done) {
      return on_step(segment.begin + static_cast<std::int64_t>(images_done));
    };
    if (!augmentation_) {
      return network_.train({images_, as_span(labels_), as_span(indices)}, segment.lr, on_image);
    }
    augmentation_->apply(images_, as_span(indices), epoch, threads_, augmented_);
    const torch::Tensor labels = labels_.index_select(0, indices);
    const torch::Tensor all = torch::arange(indices.numel());
    return network_.train({augmented_, as_span(labels), as_span(all)}, segment.lr, on_image);
  }

  Mlp model_;
  TrainingOptions options_;
  int threads_;           ///< that augment and evaluate
  torch::Tensor labels_;  ///< of the training set
  SparseImages images_;   ///< likewise
  std::optional<Augmentation> augmentation_;
  SparseImages augmented_;  ///< the images of a segment
  SparseNetwork network_;
};

}  // namespace

std::unique_ptr<Engine> make_sparse_engine(Mlp model, const Dataset& train,
                                           const TrainingOptions& options, int threads) {
  return std::make_unique<SparseEngine>(std::move(model), train, options, threads);
}

torch::Tensor sparse_logits(const Mlp& model, const torch::Tensor& images, int threads) {
  TrainingOptions options;
  options.hidden = hidden_sizes(*model);
  SparseNetwork network(options, kForwardImages, static_cast<std::size_t>(threads));
  network.load(SparseNetwork::kParameters, pointers(model->parameters()));
  torch::Tensor logits = torch::empty({images.size(0), kDigits});
  network.compute_logits(to_sparse(images), logits.data_ptr<float>());
  return logits;
}

}  // namespace mnist
