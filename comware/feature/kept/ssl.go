package kept

import "cwlab/comware/feature"

// Cipher suites of SSL.
const suites = "{ dhe_rsa_aes_128_cbc_sha | dhe_rsa_aes_128_cbc_sha256 | dhe_rsa_aes_256_cbc_sha | dhe_rsa_aes_256_cbc_sha256 | ecdhe_ecdsa_aes_128_cbc_sha256 | ecdhe_ecdsa_aes_128_gcm_sha256 | ecdhe_ecdsa_aes_256_cbc_sha384 | ecdhe_ecdsa_aes_256_gcm_sha384 | ecdhe_rsa_aes_128_cbc_sha256 | ecdhe_rsa_aes_128_gcm_sha256 | ecdhe_rsa_aes_256_cbc_sha384 | ecdhe_rsa_aes_256_gcm_sha384 | exp_rsa_des_cbc_sha | exp_rsa_rc2_md5 | exp_rsa_rc4_md5 | rsa_3des_ede_cbc_sha | rsa_aes_128_cbc_sha | rsa_aes_128_cbc_sha256 | rsa_aes_256_cbc_sha | rsa_aes_256_cbc_sha256 | rsa_des_cbc_sha | rsa_rc4_128_md5 | rsa_rc4_128_sha }"

// ssl is "SSL" of the security command reference.
var ssl = module{
	views: []feature.View{
		{Name: "ssl-server", Parent: "system", Title: "SSL server policy"},
		{Name: "ssl-client", Parent: "system", Title: "SSL client policy"},
	},
	parts: []part{
		{views: "system", place: placeSSL, lines: `
			ssl server-policy <policy:string:1-31> -> = >> ssl-server ssl-server-policy-<policy>
			ssl client-policy <policy:string:1-31> -> = >> ssl-client ssl-client-policy-<policy>
			ssl version { gm-tls1.1 | ssl3.0 | tls1.0 | tls1.1 | tls1.2 | tls1.3 } * disable -> =
			ssl renegotiation disable`},
		{views: "ssl-server", lines: `
			pki-domain <domain:string:1-31>
			ciphersuite ` + suites + ` &<1-23> -> ciphersuite
			client-verify { enable | optional }
			certificate-chain-sending enable
			session { cachesize <size:100-20480> | timeout <timeout:1-4294967295> } *
			version { ssl3.0 | tls1.0 | tls1.1 | tls1.2 } * disable -> version`},
		{views: "ssl-client", lines: `
			pki-domain <domain:string:1-31>
			prefer-cipher ` + suites + `
			server-verify enable !
			version { ssl3.0 | tls1.0 | tls1.1 | tls1.2 }`},
	},
	texts: `
		gm-tls1.1=GM TLS 1.1
		tls1.3=TLS 1.3
		<domain>=Name of a PKI domain
		session=Sessions kept for resumption
		timeout=Lifetime of a session
		<timeout>=Seconds
		version=Version of the protocol
		enable=Enable
		client-verify=Verification of the client`,
}
