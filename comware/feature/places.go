package feature

// The places of lines in the configuration, in order of display. One-line
// commands of the same place share a section. Source of the order: the real
// configurations read for the manual notes of the Comware 7 firewalls; places
// of lines within their view are the features' own.
const (
	PlaceVersion           = 100
	PlaceSysname           = 200
	PlaceClock             = 300
	PlaceTrack             = 350
	PlaceIntraZone         = 400
	PlaceTelnet            = 450
	PlacePasswordRecovery  = 500
	PlaceVLAN              = 600
	PlaceVRRPGlobal        = 650
	PlaceObjectGroup       = 700
	PlaceInterface         = 1000 // plus the rank of the interface's type
	PlaceSecurityZone      = 2000 // plus the rank of a default zone
	PlaceEncrypt           = 2910
	PlaceArchive           = 2930
	PlaceFilePrompt        = 2950
	PlaceAlias             = 2960
	PlaceHotkey            = 2970
	PlaceScheduler         = 3000
	PlaceLineClass         = 3100
	PlaceLine              = 3200
	PlaceStaticRoute       = 3300
	PlaceInfoCenter        = 3400
	PlaceSSH               = 3600
	PlaceACL               = 3800
	PlaceDomain            = 3900
	PlaceRole              = 3950
	PlaceUserGroup         = 4000
	PlaceLocalUser         = 4100
	PlaceIPsecGlobal       = 4250
	PlaceIPsecTransformSet = 4300
	PlaceIPsecTemplate     = 4350
	PlaceIPsecPolicy       = 4400
	PlaceIKEGlobal         = 4500
	PlaceIKEProfile        = 4600
	PlaceIKEProposal       = 4700
	PlaceIKEKeychain       = 4800
	PlaceIKEv2Global       = 4850
	PlaceIKEv2Keychain     = 4860
	PlaceIKEv2Profile      = 4870
	PlaceIKEv2Policy       = 4880
	PlaceIKEv2Proposal     = 4890
	PlaceNETCONF           = 4980
	PlaceHTTP              = 5000
	PlaceSecurityPolicy    = 5200
	PlaceRBM               = 5400
)
