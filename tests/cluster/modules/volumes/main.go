// A provisioner of volumes that are folders on a node's disk, for nodes that all lie on this
// machine: it makes and removes a folder itself, where others start a pod on the node to do it.
// Two pods for every volume would be more work for a small machine than the tests' own pods are.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	provision "sigs.k8s.io/sig-storage-lib-external-provisioner/v10/controller"
)

const workers = 8

var (
	kubeconfig = flag.String("kubeconfig", "", "how to reach the API server")
	answersTo  = flag.String("provisioner", "", "the provisioner that a StorageClass names")
	machines   = flag.String("machines", "", "the folder with one folder per node")
	volumes    = flag.String("volumes", "", "the folder of volumes, as a node sees it")
)

type folders struct{}

// Provision makes the folder of one claim on the node that the scheduler chose.
func (folders) Provision(
	_ context.Context, wanted provision.ProvisionOptions,
) (*core.PersistentVolume, provision.ProvisioningState, error) {
	claim := wanted.PVC
	if wanted.SelectedNode == nil {
		return nil, provision.ProvisioningFinished, fmt.Errorf(
			"claim %s/%s: the StorageClass must wait for a first consumer", claim.Namespace, claim.Name)
	}
	node := wanted.SelectedNode.Name
	name := strings.Join([]string{wanted.PVName, claim.Namespace, claim.Name}, "_")
	seen := filepath.Join(*volumes, name)
	folder := filepath.Join(*machines, node, seen)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, provision.ProvisioningFinished, err
	}
	// Anybody may write, whatever the umask: volumes of type hostPath get no ownership from fsGroup.
	if err := os.Chmod(folder, 0o777); err != nil {
		return nil, provision.ProvisioningFinished, err
	}
	return volume(wanted, node, seen), provision.ProvisioningFinished, nil
}

// Delete removes a volume's folder with all that is in it.
func (folders) Delete(_ context.Context, gone *core.PersistentVolume) error {
	source, node := gone.Spec.HostPath, gone.Annotations["mongors.test/node"]
	if source == nil || node == "" || filepath.Dir(source.Path) != filepath.Clean(*volumes) {
		return &provision.IgnoredError{Reason: "this is no folder that was made here"}
	}
	return os.RemoveAll(filepath.Join(*machines, node, source.Path))
}

func volume(wanted provision.ProvisionOptions, node, path string) *core.PersistentVolume {
	kind, mode := core.HostPathDirectoryOrCreate, core.PersistentVolumeFilesystem
	here := core.NodeSelectorTerm{MatchExpressions: []core.NodeSelectorRequirement{
		{Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{node}},
	}}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{
			Name: wanted.PVName, Annotations: map[string]string{"mongors.test/node": node},
		},
		Spec: core.PersistentVolumeSpec{
			AccessModes: wanted.PVC.Spec.AccessModes,
			Capacity: core.ResourceList{
				core.ResourceStorage: wanted.PVC.Spec.Resources.Requests[core.ResourceStorage],
			},
			NodeAffinity: &core.VolumeNodeAffinity{
				Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{here}},
			},
			PersistentVolumeReclaimPolicy: *wanted.StorageClass.ReclaimPolicy,
			PersistentVolumeSource: core.PersistentVolumeSource{
				HostPath: &core.HostPathVolumeSource{Path: path, Type: &kind},
			},
			VolumeMode: &mode,
		},
	}
}

func main() {
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.Burst = 50, 100
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	provision.NewProvisionController(
		klog.FromContext(ctx), client, *answersTo, folders{},
		provision.LeaderElection(false), // there is one
		provision.Threadiness(workers),
	).Run(ctx)
}
